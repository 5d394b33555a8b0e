/** Tests like loss.drill.test.ts, but longer: 50 reloads, and pods and a Service that are replaced between them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { describeLosses, isLossless, startLoad } from '../client/load.ts';
import type { Losses } from '../client/load.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

const RELOADS = 50;
const SITES = ['one', 'two', 'three', 'four'];
const REQUESTS = 20_000;
const pods = new Map(SITES.map((site) => [site, takeAddresses(3)]));

let backends: Backends;
let instance: Instance;
let turn = 0;

beforeAll(async () => {
  backends = await startBackends();
  const sites = SITES.map((site) => [`pods-${site}.yaml`, podsOf(site, pods.get(site) ?? [], backends.ports.http)]);
  const ingresses = SITES.map((site) => [`ingress-${site}.yaml`, [ingressOf(site)]]);
  instance = await startInstance(Object.fromEntries([...sites, ...ingresses]) as Parameters<typeof startInstance>[0]);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Replaces one pod of a site. `leave` takes the old pod down, and calls `write` to write the new endpoints. */
async function roll(site: string, leave: (old: string, write: () => void) => Promise<void>): Promise<void> {
  const [old = '', ...others] = pods.get(site) ?? [];
  const [fresh = ''] = takeAddresses(1);
  const now = [...others, fresh];
  pods.set(site, now);
  await leave(old, () => instance.write(`pods-${site}.yaml`, podsOf(site, now, backends.ports.http)));
  // A rolling update continues when the new pod serves.
  await untilServed(instance, site, [fresh]);
}

function next(): { port: number; host: string; path: string } {
  turn += 1;
  return { port: instance.httpPort, host: hostOf(SITES[turn % SITES.length] ?? ''), path: '/' };
}

function expectNothingLost(what: string, losses: Losses): void {
  process.stdout.write(`${what}: ${describeLosses(losses)}\n`);
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
}

it(`NGINX loses no request during ${RELOADS} reloads, and closes no connection that is in use`, async () => {
  const busy = startLoad({ next, kept: 8, fresh: 1, pause: 4 }, 240_000);
  const slow = startLoad({ next, kept: 16, fresh: 0, pause: 100 }, 240_000);
  const generations = watchGenerations(instance.runDir);
  try {
    for (let i = 0; i < RELOADS; i += 1) {
      const site = SITES[i % SITES.length] ?? '';
      if (i === RELOADS / 2) {
        const address = takeAddresses(2);
        instance.write('green.yaml', podsOf('green', address, backends.ports.http));
        instance.write('ingress-one.yaml', [ingressOf('one', 'green')]);
        await untilServed(instance, 'one', address);
      } else if (site !== 'one') {
        await roll(site, async (old, write) => {
          write();
          await sleep(50);
          await backends.down(old);
        });
      }
      instance.write(`new-${i}.yaml`, [ingressOf(`new${i}`, 'two')]);
      await untilServed(instance, `new${i}`, pods.get('two') ?? []);
    }
    await sleep(500);
  } finally {
    await Promise.all([busy.stop(), slow.stop()]);
    generations.stop();
  }
  expectNothingLost('a request every 4 ms', busy.losses);
  expectNothingLost('a request every 100 ms', slow.losses);
  expect(generations.reloads()).toBeGreaterThanOrEqual(RELOADS);
  expect([busy.losses.inUseClosed, slow.losses.inUseClosed]).toEqual([0, 0]);
}, 260_000);

it(`NGINX loses none of ${REQUESTS} requests while pods stop before their traffic has ended`, async () => {
  const load = startLoad({ next, kept: 12, fresh: 2, pause: 1 }, 200_000);
  try {
    for (let i = 0; load.losses.requests < REQUESTS; i += 1) {
      await roll(SITES[1 + (i % 3)] ?? '', async (old, write) => {
        // The kubelet stops the pod while the endpoints controller removes it. Either of them may be faster.
        if (i % 2 === 0) write();
        await backends.down(old);
        await sleep(20);
        if (i % 2 === 1) write();
      });
    }
  } finally {
    await load.stop();
  }
  expectNothingLost('pods without preStop', load.losses);
  expect(load.losses.ok).toBeGreaterThanOrEqual(REQUESTS);
}, 220_000);
