/** A drill in which one large object is added while the endpoints of another host change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { untilServed } from '../behaviour/served.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { expectNothingLost, tell } from './drill.ts';
import type { Drill } from './drill.ts';

/** How long to wait. NGINX 1.22 needs seconds to test 10,000 locations, and as long to reload them. */
const SLOWEST_MS = 150_000;
const PAUSE_MS = 50;

/** Adds an object, whose host `site` and path `path` lead to the Service of the drill's second host. */
export async function takeIn(
  drill: Drill,
  what: string,
  object: KubernetesObject,
  site: string,
  path: string,
): Promise<void> {
  const { instance } = drill;
  const [neighbour = '', owner = ''] = drill.pods.keys();
  const delays: number[] = [];
  let ms = 0;
  drill.stage('large.yaml', [object]);
  await drill.foresee();
  const losses = await drill.under(async () => {
    const began = performance.now();
    drill.publish();
    const inForce = new AbortController();
    const arrived = untilServed(instance, site, drill.pods.get(owner) ?? [], { path, timeout: SLOWEST_MS });
    const stop = (): void => inForce.abort();
    void arrived.then(stop, stop);
    while (!inForce.signal.aborted) {
      const changed = performance.now();
      drill.changeEndpoints(neighbour);
      drill.publish();
      await untilServed(instance, neighbour, drill.pods.get(neighbour) ?? [], { timeout: SLOWEST_MS });
      delays.push(performance.now() - changed);
      await sleep(PAUSE_MS);
    }
    ms = performance.now() - began;
    await arrived;
    await drill.foresee();
    await drill.converged({ timeout: SLOWEST_MS });
  });
  tell(what, losses);
  delays.sort((a, b) => a - b);
  const [median = 0, slowest = 0] = [delays[delays.length >> 1], delays.at(-1)];
  process.stdout.write(
    `  served after ${Math.round(ms)} ms; ${delays.length} changes to another host's endpoints in the meantime: ` +
      `median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms\n`,
  );
  expectNothingLost(losses);
}
