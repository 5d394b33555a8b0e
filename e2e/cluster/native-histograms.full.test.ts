/** A Prometheus server reads native histograms of requests, and everything else, in the protobuf format. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostOf } from '../behaviour/site.ts';
import { untilAnswered } from './answers.ts';
import { sendBurst } from './burst.ts';
import { type Cluster, startCluster } from './cluster.ts';
import type { Pod } from './pod.ts';
import { findPrometheus, type Prometheus, startPrometheus } from './prometheus.ts';
import { scrape } from './scrape.ts';

const binary = findPrometheus();
const ROUNDS = 6;
const EACH = 20;
const DURATION = 'nginx_ingress_controller_request_duration_seconds';

describe.runIf(binary !== undefined)('Prometheus with native histograms', () => {
  let cluster: Cluster;
  let pod: Pod;
  let prometheus: Prometheus;

  beforeAll(async () => {
    cluster = await startCluster();
    cluster.addSite('s0');
    pod = await cluster.startPod({ args: ['--bucket-factor=1.1'] });
    await pod.ready();
    await untilAnswered(pod, 's0', cluster.addresses('s0'));
    prometheus = await startPrometheus(binary ?? '', pod.healthzPort, true, ['native-histograms']);
    for (let round = 0; round < ROUNDS; round += 1) {
      await sendBurst(pod, { host: hostOf('s0'), count: EACH });
      await sleep(1000);
    }
    await sleep(3000);
  }, 120_000);

  afterAll(async () => {
    await prometheus?.stop();
    await cluster?.dispose();
  });

  async function valueOf(query: string): Promise<number | undefined> {
    return (await prometheus.query(query))[0]?.value;
  }

  test('count and sum equal those of the classic histogram in the text format', async () => {
    const text = await scrape(pod);
    const sent = text.sum(`${DURATION}_count`, { ingress: 's0' });
    expect(sent).toBeGreaterThanOrEqual(ROUNDS * EACH);
    for (const name of [DURATION, 'nginx_ingress_controller_response_size', 'nginx_ingress_controller_request_size']) {
      const histogram = `sum(${name}{ingress="s0"})`;
      expect(await valueOf(`histogram_count(${histogram})`)).toBe(text.sum(`${name}_count`, { ingress: 's0' }));
      expect(await valueOf(`histogram_sum(${histogram})`)).toBeCloseTo(text.sum(`${name}_sum`, { ingress: 's0' }), 6);
    }
  });

  test('quantiles are within a tenth of the sizes of the responses, which are all about equal', async () => {
    const text = await scrape(pod);
    const [name, ingress] = ['nginx_ingress_controller_response_size', { ingress: 's0' }];
    const mean = text.sum(`${name}_sum`, ingress) / text.sum(`${name}_count`, ingress);
    const median = await valueOf(`histogram_quantile(0.5, sum(${name}{ingress="s0",status="200"}))`);
    expect((median ?? 0) / mean).toBeGreaterThan(0.9);
    expect((median ?? 0) / mean).toBeLessThan(1.1);
    const fast = await valueOf(`histogram_fraction(0, 10, sum(${DURATION}{ingress="s0"}))`);
    expect(fast).toBe(1);
  });

  test('all other metrics are there, too', async () => {
    const text = await scrape(pod);
    const names = new Set(text.samples.map(({ name }) => name));
    const native = [...names].filter(
      (name) => /_(?:bucket|sum|count)$/.test(name) && /controller_(?:re|he|co|by)/.test(name),
    );
    for (const name of names) {
      if (native.includes(name)) continue;
      expect([name, (await prometheus.query(`{__name__="${name}"}`)).length > 0]).toEqual([name, true]);
    }
    expect(native.length).toBe(7 * 3);
  });
});
