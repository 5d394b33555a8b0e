/** The controller and NGINX are killed, separately and together, and the cluster changes in the meantime. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isLossless } from '../client/load.ts';
import { until } from '../runner/instance.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { readState } from '../runner/state.ts';
import { answerOf, untilAnswered } from './answers.ts';
import { statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';
import { startServing } from './serving.ts';
import { expectUntouched, underLoad } from './traffic.ts';

const sites = ['k0', 'k1', 'k2'];

let cluster: Cluster;
let pod: Pod;

function master(): number {
  const found = masterOf(pod.runDir);
  if (found === undefined) throw new Error('NGINX does not run');
  return found.pid;
}

beforeAll(async () => {
  ({ cluster, pod } = await startServing(sites, 2));
}, 90_000);

afterAll(() => cluster?.dispose());

it('a restarted controller sends NGINX only what has changed since it was killed, and no request is lost', async () => {
  const workers = workersOf(master());
  const observed = await underLoad(pod, sites, async () => {
    await pod.controller.end('SIGKILL');
    const before = await readState(pod.runDir);
    pod.controller.start();
    await until(
      'the controller watches EndpointSlices',
      () => cluster.emulator.watches({ resource: 'endpointslices' }) > 0,
      20_000,
    );
    const fresh = await cluster.roll('k0');
    await untilAnswered(pod, 'k0', [fresh]);
    const after = await readState(pod.runDir);
    expect(after.revision - before.revision).toBeLessThanOrEqual(2);
  });
  expectUntouched(observed);
  expect(workersOf(master())).toEqual(workers);
}, 60_000);

it('a restarted controller sends NGINX the endpoints that changed while it did not run', async () => {
  const observed = await underLoad(pod, sites, async () => {
    await pod.controller.end('SIGKILL');
    const fresh = await cluster.roll('k1');
    pod.controller.start();
    await untilAnswered(pod, 'k1', [fresh], 30_000);
  });
  expectUntouched(observed);
}, 60_000);

it('a restarted NGINX serves the same pods as before it was killed, and then applies later changes', async () => {
  const old = master();
  const answers = new Map(sites.map((site) => [site, cluster.addresses(site)]));
  pod.killNginx();
  await until('another NGINX runs', () => (masterOf(pod.runDir)?.pid ?? old) !== old, 15_000);
  await pod.ready();
  for (const [site, addresses] of answers) expect(addresses).toContain(await answerOf(pod, site));
  const observed = await underLoad(pod, sites, async () => {
    const fresh = await cluster.roll('k2');
    await untilAnswered(pod, 'k2', [fresh]);
  });
  expect(isLossless(observed.losses)).toBe(true);
  expect(observed.reloads).toBe(0);
}, 60_000);

it('changes in the cluster take effect after the controller and NGINX were killed and restarted', async () => {
  await pod.controller.end('SIGKILL');
  pod.killNginx();
  const fresh = await cluster.roll('k0');
  cluster.addSite('k3');
  pod.controller.start();
  await pod.ready(40_000);
  await untilAnswered(pod, 'k0', [fresh], 30_000);
  await untilAnswered(pod, 'k3', cluster.addresses('k3'), 30_000);
  for (const site of sites) expect(statusOf(cluster.emulator, site)).toBe('192.0.2.10');
}, 90_000);
