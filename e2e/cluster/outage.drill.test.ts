/** The API server fails in different ways. Traffic is not affected, and changes during the failure take effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { readState } from '../runner/state.ts';
import { untilAnswered } from './answers.ts';
import { statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';
import { startServing } from './serving.ts';
import { expectUntouched, underLoad } from './traffic.ts';

const sites = ['o0', 'o1', 'o2', 'o3', 'o4'];

let cluster: Cluster;
let pod: Pod;
/** How many watches are open in normal operation. */
let watches: number;

beforeAll(async () => {
  ({ cluster, pod } = await startServing(sites, 3, { historyLength: 50 }));
  watches = cluster.emulator.watches();
}, 90_000);

afterAll(() => cluster?.dispose());

beforeEach(async () => {
  cluster.emulator.clearFaults();
  // A watch that has been open for a second resets the back-off.
  await until(
    'every watch has been open for long enough',
    () => cluster.emulator.watchesFor(1_200) === watches,
    20_000,
  );
  cluster.emulator.log.clear();
});

/** Replaces a pod of every site. */
async function churn(): Promise<void> {
  for (const site of sites) await cluster.roll(site);
}

/** Expects that the new pods are served, and that no address was removed from a status. */
async function expectCaughtUp(timeout = 30_000): Promise<void> {
  for (const site of sites) await untilAnswered(pod, site, cluster.addresses(site).slice(-1), timeout);
  for (const site of sites) expect(statusOf(cluster.emulator, site)).toBe('192.0.2.10');
  const writes = cluster.emulator.log.entries.filter(({ subresource }) => subresource === 'status');
  expect(writes.filter(({ body }) => !body.includes('192.0.2.10'))).toEqual([]);
}

it('no request is lost and all changes take effect if the API server is down for 5 s', async () => {
  const observed = await underLoad(pod, sites, async () => {
    const back = cluster.emulator.refuse(5_000);
    await churn();
    await back;
    await expectCaughtUp();
  });
  expectUntouched(observed);
}, 60_000);

it('no request is lost and all changes take effect if watches get 410 while pods are replaced', async () => {
  const observed = await underLoad(pod, sites, async () => {
    cluster.emulator.fault({ kind: 'gone', times: 4 });
    cluster.emulator.dropWatches();
    await churn();
    await expectCaughtUp();
  });
  expectUntouched(observed);
}, 60_000);

it('no request is lost and all changes take effect if the history is dropped after watches were cut', async () => {
  const observed = await underLoad(pod, sites, async () => {
    cluster.emulator.fault({ kind: 'status', code: 500, ms: 700 });
    cluster.emulator.dropWatches();
    await churn();
    cluster.emulator.compact();
    await expectCaughtUp();
  });
  expectUntouched(observed);
}, 60_000);

it('no request is lost and all changes take effect after 429 and a watch that is cut in the middle of a line', async () => {
  const observed = await underLoad(pod, sites, async () => {
    cluster.emulator.fault({ kind: 'status', code: 429, retryAfter: 1, times: 5 });
    cluster.emulator.fault({ kind: 'truncate', times: 2 });
    cluster.emulator.dropWatches({ resource: 'endpointslices' });
    await churn();
    await expectCaughtUp();
  });
  expectUntouched(observed);
}, 60_000);

it('the controller neither reloads NGINX nor sends a delta if watches are cut and no object has changed', async () => {
  const before = await readState(pod.runDir);
  const from = performance.now();
  cluster.emulator.dropWatches();
  const { emulator } = cluster;
  const renewed = () => emulator.watches() === watches && emulator.watchesFor(performance.now() - from) === 0;
  await until('every watch was renewed', renewed, 15_000);
  await sleep(300);
  const after = await readState(pod.runDir);
  expect([after.revision, after.digest, after.generation]).toEqual([before.revision, before.digest, before.generation]);
}, 30_000);
