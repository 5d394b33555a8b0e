/** Failures that take minutes to notice: a long outage, a silent server, and one that went back in time. */
import { expect, it } from 'vitest';
import { untilAnswered } from './answers.ts';
import { statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { startServing } from './serving.ts';
import { expectUntouched, underLoad } from './traffic.ts';

const sites = ['f0', 'f1', 'f2'];
/** A silent watch is closed after 75 s; 30 s of back-off may follow. */
const NOTICED = 150_000;

/** Breaks something under load and waits until pods that were added meanwhile are served. */
async function survives(fault: (cluster: Cluster) => Promise<void>): Promise<void> {
  const { cluster, pod } = await startServing(sites, 3);
  try {
    const observed = await underLoad(
      pod,
      sites,
      async () => {
        await fault(cluster);
        for (const site of sites) await untilAnswered(pod, site, cluster.addresses(site).slice(-1), NOTICED);
      },
      NOTICED * 2,
    );
    expectUntouched(observed);
    for (const site of sites) expect(statusOf(cluster.emulator, site)).toBe('192.0.2.10');
  } finally {
    await cluster.dispose();
  }
}

async function churn(cluster: Cluster): Promise<void> {
  for (const site of sites) await cluster.roll(site);
}

it('the API server is down for 60 s', async () => {
  await survives(async (cluster) => {
    const back = cluster.emulator.refuse(60_000);
    await churn(cluster);
    await back;
  });
}, 300_000);

it('every watch falls silent, its connection open', async () => {
  await survives(async (cluster) => {
    expect(cluster.emulator.silenceWatches()).toBeGreaterThan(0);
    await churn(cluster);
  });
}, 300_000);

it('the API server returns with another history, behind the revision that watches wait for', async () => {
  await survives(async (cluster) => {
    cluster.emulator.restart(10);
    await churn(cluster);
  });
}, 300_000);
