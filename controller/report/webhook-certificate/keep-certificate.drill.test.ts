/** Rotations with lifetimes of seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { untilTrue } from '../../cluster/fixtures/emulated.ts';
import { bundleIn, refusalOf, serveWith, startReplica, trustedIn, withWebhook } from '../testing/webhook-replica.ts';
import { CERTIFICATE_TIMES } from './times.ts';

describe('a certificate of the webhook that lasts for seconds', () => {
  it('is not replaced by a replica that does not lead', async () => {
    const cluster = await withWebhook();
    const lead = { leads: true };
    const one = startReplica(
      cluster,
      { ...CERTIFICATE_TIMES, settleMs: 0, checkMs: 100, servingMs: 15_000, backdatedMs: 0 },
      () => lead.leads,
    );
    await untilTrue(() => one.current() !== undefined, 20_000);
    const first = one.current()?.cert;
    lead.leads = false;
    await sleep(10_200);
    expect(one.current()?.cert).toBe(first);
    lead.leads = true;
    one.wake();
    await untilTrue(() => one.current()?.cert !== first, 20_000);
  }, 60_000);

  it('is accepted by a client that trusts caBundle at every moment of several rotations', async () => {
    const cluster = await withWebhook();
    const short = {
      authorityMs: 30_000,
      servingMs: 15_000,
      backdatedMs: 0,
      spreadMs: 2_000,
      overlapMs: 4_000,
      settleMs: 200,
      checkMs: 200,
    };
    const replicas = [startReplica(cluster, short), startReplica(cluster, short, () => false)];
    await untilTrue(() => replicas.every((each) => each.current() !== undefined) && trustedIn(cluster) > 0, 20_000);
    const ports = await Promise.all(replicas.map(serveWith));
    const seen = { certificates: new Set<string>(), bundles: new Set<string>(), calls: 0, refused: [] as string[] };
    // With less time, a busy machine would not replace a certificate before it ends.
    const end = performance.now() + 45_000;
    while (performance.now() < end) {
      for (const port of ports) {
        const why = await refusalOf(port, bundleIn(cluster));
        seen.calls += 1;
        if (why !== undefined) seen.refused.push(why);
      }
      seen.bundles.add(bundleIn(cluster));
      for (const each of replicas) seen.certificates.add(each.current()?.cert ?? '');
    }
    expect(seen.refused).toEqual([]);
    expect(seen.calls).toBeGreaterThan(200);
    expect(seen.certificates.size).toBeGreaterThan(2);
    expect(seen.bundles.size).toBeGreaterThan(2);
  }, 120_000);
});
