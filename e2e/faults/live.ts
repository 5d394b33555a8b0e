/** Drills in which the live API is slow, down, or cuts connections, or its dictionary is full. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { expectNothingLost, tell } from './drill.ts';
import type { Drill } from './drill.ts';
import { startLiveProxy } from './live-proxy.ts';
import type { LiveFault } from './live-proxy.ts';

/**
 * Keeps the fault until `times` deltas were affected, or refuses connections for `times` seconds, while endpoints and
 * hosts change. Afterwards NGINX matches the manifests. A delay lasts until then, because a slow API must also work.
 */
export async function disturbDeltas(drill: Drill, fault: LiveFault | 'refuse', times: number): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  await drill.stageBoth();
  const proxy = await startLiveProxy(instance.runDir);
  let losses;
  try {
    losses = await drill.under(async () => {
      // The proxy does not notice connections that are refused.
      if (fault === 'refuse') await proxy.refuse();
      else proxy.fault(fault);
      drill.publish();
      if (fault === 'refuse') await sleep(times * 1000);
      else await until('deltas are affected by the fault', () => proxy.met() >= times);
      if (typeof fault !== 'number') proxy.fault(undefined);
      await proxy.listen();
      ms = await drill.converged();
    });
  } finally {
    await proxy.stop();
  }
  tell(`live API: ${typeof fault === 'number' ? `${fault} ms late` : fault}`, losses, ms);
  expectNothingLost(losses);
}

/**
 * A host whose Service has this many endpoints, which need about 20 bytes each in the dictionary. It gets no requests.
 */
function bigHost(name: string, count: number): KubernetesObject[] {
  const addresses = Array.from({ length: count }, (_, i) => `10.${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);
  return [
    ingressOf(name),
    serviceOf(name, NAMESPACE, { port: 80 }),
    sliceOf(name, NAMESPACE, addresses, { port: 8080 }),
  ];
}

const BIG = ['big1', 'big2', 'big3'];

/**
 * The dictionary has 64 kB, and three backends grow to 20 kB each. A key that does not fit is rejected and reported;
 * other keys are sent, including those of a new host. When the accepted backends shrink, the rejected key is accepted.
 */
export async function fillDictionary(drill: Drill): Promise<void> {
  const { instance } = drill;
  const [site = ''] = drill.pods.keys();
  let ms = 0;
  for (const name of BIG) drill.stage(`${name}.yaml`, bigHost(name, 10));
  await drill.foresee();
  drill.publish();
  await drill.converged();
  const losses = await drill.under(async () => {
    const from = instance.lines.length;
    for (const name of BIG) drill.stage(`${name}.yaml`, bigHost(name, 800));
    drill.publish();
    const said = await instance.line(/refused live key b:sites\/big\d\/80: no-space/, from);
    drill.changeEndpoints(site);
    drill.addHost();
    drill.publish();
    await drill.answering();
    for (const name of BIG) if (!said.includes(`/${name}/`)) drill.stage(`${name}.yaml`, bigHost(name, 10));
    await drill.foresee();
    drill.publish();
    ms = await drill.converged({ timeout: 30_000 });
  });
  tell('dictionary full', losses, ms);
  expectNothingLost(losses);
}
