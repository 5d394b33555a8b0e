/** No request is lost while the cluster changes. The load is constant, and its client never retries. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { describeLosses, isLossless, startLoad } from '../client/load.ts';
import type { Losses } from '../client/load.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

/** The number of sites. A larger number, such as TIDEGATE_E2E_SITES=50, makes the test longer. */
const SITES = Number(process.env.TIDEGATE_E2E_SITES ?? 12);
const PODS = 3;
const sites = Array.from({ length: SITES }, (_, i) => `l${i}`);
const pods = new Map<string, string[]>();

let backends: Backends;
let instance: Instance;

function writePods(site: string): void {
  instance.write(`pods-${site}.yaml`, podsOf(site, pods.get(site) ?? [], backends.ports.http));
}

/** Sends load to all sites during `change`. */
async function under(change: () => Promise<void>): Promise<Losses> {
  let turn = 0;
  const load = startLoad(
    {
      next: () => ({ port: instance.httpPort, host: hostOf(sites[(turn += 1) % SITES] ?? ''), path: '/' }),
      kept: 8,
      fresh: 2,
      pause: 4,
    },
    60_000,
  );
  await sleep(200);
  try {
    await change();
    await sleep(300);
  } finally {
    await load.stop();
  }
  return load.losses;
}

function report(what: string, losses: Losses): void {
  process.stdout.write(`${what}: ${describeLosses(losses)}\n`);
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
  // These clients send requests continuously, so that NGINX announces the end of each connection in a response.
  expect(losses.inUseClosed).toBe(0);
}

beforeAll(async () => {
  backends = await startBackends();
  const files: Record<string, KubernetesObject[]> = {};
  for (const site of sites) {
    pods.set(site, takeAddresses(PODS));
    files[`pods-${site}.yaml`] = podsOf(site, pods.get(site) ?? [], backends.ports.http);
    files[`ingress-${site}.yaml`] = [ingressOf(site)];
  }
  instance = await startInstance(files);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('no request is lost while every pod is replaced', async () => {
  const losses = await under(async () => {
    for (let pod = 0; pod < PODS; pod += 1) {
      for (const site of sites) {
        const now = pods.get(site) ?? [];
        const [fresh = ''] = takeAddresses(1);
        const old = now[0] ?? '';
        pods.set(site, [...now.slice(1), fresh]);
        writePods(site);
        await backends.down(old);
        await sleep(20);
      }
    }
  });
  for (const site of sites) await untilServed(instance, site, pods.get(site) ?? [], { times: 3 });
  report('endpoint roll', losses);
}, 60_000);

it('no request is lost while every Ingress switches to another Service', async () => {
  const losses = await under(async () => {
    for (const site of sites) {
      const address = takeAddresses(2);
      instance.write(`blue-${site}.yaml`, podsOf(`${site}-blue`, address, backends.ports.http));
      instance.write(`ingress-${site}.yaml`, [ingressOf(site, `${site}-blue`)]);
      await untilServed(instance, site, address);
      instance.remove(`pods-${site}.yaml`);
    }
  });
  report('Service switch', losses);
}, 60_000);

it('no request is lost while 50 hosts are added', async () => {
  const [address = ''] = takeAddresses(1);
  instance.write('pods-new.yaml', podsOf('new', [address], backends.ports.http));
  const losses = await under(async () => {
    for (let i = 0; i < 50; i += 1) {
      instance.write(`new-${i}.yaml`, [ingressOf(`new${i}`, 'new')]);
      if (i % 10 === 9) await untilServed(instance, `new${i}`, [address]);
    }
  });
  for (let i = 0; i < 50; i += 1) await untilServed(instance, `new${i}`, [address]);
  report('50 new hosts', losses);
}, 60_000);
