/** A Prometheus server scrapes a pod, and the queries of common dashboards and rollout tools return samples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostOf, ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { podBehind, SHOP, startTcpPods, streamService, type TcpPods, tcpServices } from '../behaviour/stream-site.ts';
import { issue } from '../certificates.ts';
import { placeIn } from '../runner/object.ts';
import { freePort } from '../runner/port.ts';
import { secretOf } from '../runner/secrets.ts';
import { untilAnswered } from './answers.ts';
import { sendBurst } from './burst.ts';
import { asJson, startCluster } from './cluster.ts';
import { addEventSites, causeEvents } from './counted-events.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';
import { findPrometheus, type Prometheus, startPrometheus } from './prometheus.ts';

interface Query {
  readonly query: string;
  readonly empty?: true;
  readonly honorLabels?: true;
}

/** The queries of the chart's dashboards, with values instead of Grafana's variables. */
function dashboardQueries(): readonly Query[] {
  return readdirSync(join(CHART_FILES, 'dashboards')).flatMap((name) => {
    const { panels } = JSON.parse(readFileSync(join(CHART_FILES, 'dashboards', name), 'utf8')) as {
      readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
    };
    return panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }) => ({ query: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*') }));
  });
}

/** The queries of the chart's rules. In a healthy cluster, only the rule about many errors may find something. */
function ruleQueries(): readonly Query[] {
  const rules = parse(readFileSync(join(CHART_FILES, 'rules.yaml'), 'utf8')) as readonly {
    readonly alert: string;
    readonly expr: string;
  }[];
  return rules.map(({ alert, expr }) => ({
    query: expr,
    ...(alert !== 'TidegateManyErrors' && { empty: true as const }),
  }));
}

const CHART_FILES = join(import.meta.dirname, '../../charts/tidegate/files');
const QUERIES = parse(readFileSync(join(import.meta.dirname, 'queries.yaml'), 'utf8')) as Record<
  string,
  readonly Query[]
>;
const binary = findPrometheus();

describe.runIf(binary !== undefined)('Prometheus', () => {
  let cluster: Cluster;
  let pod: Pod;
  let tcpPods: TcpPods;
  let exporting: Prometheus;
  let honoring: Prometheus;

  beforeAll(async () => {
    cluster = await startCluster();
    for (const site of ['s0', 'beta']) cluster.addSite(site);
    cluster.emulator.put(asJson(placeIn(NAMESPACE, secretOf('s0-tls', await issue([hostOf('s0')])))));
    const plain = { 'ssl-redirect': 'false' };
    cluster.emulator.put(asJson(ingressOf('s0', 's0', { tls: 's0-tls', annotations: plain })));
    const canary = ingressOf('s0', 'beta', { annotations: { canary: 'true', 'canary-by-header': 'X-Canary' } });
    cluster.emulator.put(asJson({ ...canary, metadata: { ...canary.metadata, name: 's0-canary' } }));
    // The dashboard shows Problems and changes, so there must be some of each.
    cluster.emulator.put(asJson(ingressOf('orphan', 'missing')));
    await addEventSites(cluster);
    const [tcpPort, podPort] = [await freePort(), await freePort()];
    tcpPods = await startTcpPods(1, podPort);
    const objects = [tcpServices({ [tcpPort]: `${SHOP}/db:5432` }), ...streamService('db', tcpPods.addresses, podPort)];
    for (const object of objects) cluster.emulator.put(asJson(object));
    pod = await cluster.startPod({
      args: [`--tcp-services-configmap=${SHOP}/tcp`, `--stream-port=${await freePort()}`],
    });
    await pod.ready();
    await untilAnswered(pod, 's0', cluster.addresses('s0'));
    exporting = await startPrometheus(binary ?? '', pod.healthzPort, false);
    honoring = await startPrometheus(binary ?? '', pod.healthzPort, true);
    // A rate needs several scrapes with different values.
    const host = hostOf('s0');
    for (let round = 0; round < 8; round += 1) {
      cluster.addSite('growing', round + 1);
      await sendBurst(pod, { host, count: 20 });
      await sendBurst(pod, { host, count: 5, http2: true });
      await sendBurst(pod, { host, count: 3, headers: { 'echo-status': '503' } });
      await sendBurst(pod, { host, count: 3, headers: { 'echo-status': '404' } });
      await sendBurst(pod, { host, count: 6, headers: { 'X-Canary': 'always' } });
      await causeEvents(pod, `Bearer ${round}`);
      await podBehind(tcpPort);
      await sleep(1000);
    }
  }, 120_000);

  afterAll(async () => {
    await exporting?.stop();
    await honoring?.stop();
    await cluster?.dispose();
    await tcpPods?.stop();
  });

  const sources = { ...QUERIES, 'dashboards of the chart': dashboardQueries(), 'rules of the chart': ruleQueries() };
  const all = Object.entries(sources).flatMap(([source, queries]) => queries.map((each) => ({ source, ...each })));
  test.each(all)('$source: $query', async ({ query, empty, honorLabels }) => {
    const result = await (honorLabels ? honoring : exporting).query(query);
    const values = result.map(({ value }) => value);
    if (empty) expect(values).toEqual([]);
    else expect(values.some(Number.isFinite), JSON.stringify(result)).toBe(true);
  });

  test('Prometheus accepts every line, with the type that /metrics declares', async () => {
    const [scraped] = await exporting.query('scrape_samples_scraped');
    expect(scraped?.value).toBeGreaterThan(300);
    const [up] = await exporting.query('up');
    expect(up?.value).toBe(1);
  });

  test('after the last scrape, the counter of requests equals the number of requests that were sent', async () => {
    await sleep(3000);
    const sum = async (selector: string) =>
      (await honoring.query(`sum(nginx_ingress_controller_requests{ingress="s0",${selector}})`))[0]?.value;
    expect(await sum('status="503"')).toBe(24);
    expect(await sum('canary="sites-beta-80"')).toBe(48);
  });
});
