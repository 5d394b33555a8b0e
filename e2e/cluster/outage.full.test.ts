/** Failures of the API server that take minutes: a long outage, silent watches, and a return to older revisions. */
import { expect, it } from 'vitest';
import { untilAnswered } from './answers.ts';
import { statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { startServing } from './serving.ts';
import { expectUntouched, underLoad } from './traffic.ts';

const sites = ['f0', 'f1', 'f2'];
/** How long to wait. The controller closes a silent watch after 75 s, and a back-off of 30 s may follow. */
const NOTICED = 150_000;

/** Injects a fault under load, and waits until pods that were added during the fault are served. */
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

it('no request is lost and all changes take effect if the API server is down for 60 s', async () => {
  await survives(async (cluster) => {
    const back = cluster.emulator.refuse(60_000);
    await churn(cluster);
    await back;
  });
}, 300_000);

it('no request is lost and all changes take effect if watches stay open but receive nothing', async () => {
  await survives(async (cluster) => {
    expect(cluster.emulator.silenceWatches()).toBeGreaterThan(0);
    await churn(cluster);
  });
}, 300_000);

it('no request is lost and all changes take effect if the API server returns to older revisions', async () => {
  await survives(async (cluster) => {
    cluster.emulator.restart(10);
    await churn(cluster);
  });
}, 300_000);
