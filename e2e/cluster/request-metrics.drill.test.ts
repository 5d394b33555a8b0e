/** The request metrics of a pod agree with what clients have sent, and its other metrics with the cluster. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostOf, ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { issue } from '../certificates.ts';
import { until, untilOnlyNewest } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { secretOf } from '../runner/secrets.ts';
import { untilAnswered } from './answers.ts';
import { sendBurst } from './burst.ts';
import { asJson, startCluster } from './cluster.ts';
import { addEventSites, CACHED, causeEvents, RETRIED } from './counted-events.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';
import { PREFIX, type Scrape, scrape } from './scrape.ts';

let cluster: Cluster;
let pod: Pod;

beforeAll(async () => {
  cluster = await startCluster();
  for (const site of ['s0', 's1', 'beta']) cluster.addSite(site);
  const pair = await issue([hostOf('s0')]);
  cluster.emulator.put(asJson(placeIn(NAMESPACE, secretOf('s0-tls', pair))));
  const plain = { 'ssl-redirect': 'false' };
  cluster.emulator.put(asJson(ingressOf('s0', 's0', { tls: 's0-tls', annotations: plain })));
  const annotations = { canary: 'true', 'canary-by-header': 'X-Canary' };
  const canary = ingressOf('s0', 'beta', { annotations });
  cluster.emulator.put(asJson({ ...canary, metadata: { ...canary.metadata, name: 's0-canary' } }));
  const lost = ingressOf('orphan', 'missing');
  cluster.emulator.put(asJson(lost));
  await addEventSites(cluster);
  pod = await cluster.startPod();
  await pod.ready();
  await untilAnswered(pod, 's0', cluster.addresses('s0'));
  await untilOnlyNewest(pod.runDir);
  // Long enough for the workers to write the counts of the requests above.
  await sleep(1500);
}, 90_000);

afterAll(() => cluster?.dispose());

/** The number of requests that are counted for these labels. */
async function counted(labels: Readonly<Record<string, string>>): Promise<number> {
  return (await scrape(pod)).sum(`${PREFIX}requests`, labels);
}

async function untilCounted(labels: Readonly<Record<string, string>>, count: number): Promise<void> {
  let last = 0;
  await until(
    `${count} requests are counted for ${JSON.stringify(labels)}`,
    async () => (last = await counted(labels)) === count,
    6000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; last: ${last}`);
  });
}

it('counts what clients have sent over HTTP/1.1 and HTTP/2, by status, method, canary and host', async () => {
  const host = hostOf('s0');
  const before = await counted({ ingress: 's0', canary: '', status: '200', method: 'GET' });
  expect(await sendBurst(pod, { host, count: 40 })).toEqual({ 200: 40 });
  expect(await sendBurst(pod, { host, count: 30, http2: true })).toEqual({ 200: 30 });
  expect(await sendBurst(pod, { host, count: 7, method: 'POST' })).toEqual({ 200: 7 });
  expect(await sendBurst(pod, { host, count: 5, headers: { 'echo-status': '503' } })).toEqual({ 503: 5 });
  expect(await sendBurst(pod, { host, count: 6, http2: true, headers: { 'echo-status': '404' } })).toEqual({ 404: 6 });
  expect(await sendBurst(pod, { host, count: 8, headers: { 'X-Canary': 'always' } })).toEqual({ 200: 8 });
  expect(await sendBurst(pod, { host, count: 4, method: 'M-SEARCH' })).toEqual({ 200: 4 });
  const large = { method: 'POST', headers: { 'content-length': '20000000' } };
  expect(await sendBurst(pod, { host, count: 2, ...large })).toEqual({ 413: 2 });
  expect(await sendBurst(pod, { host: 'unknown.test', count: 9 })).toEqual({ 404: 9 });
  expect(await sendBurst(pod, { host: hostOf('orphan'), count: 3 })).toEqual({ 503: 3 });
  const own = { ingress: 's0', namespace: NAMESPACE, service: 's0', host, canary: '' };
  await untilCounted({ ...own, status: '200', method: 'GET' }, before + 70);
  await untilCounted({ ...own, method: 'POST', status: '200' }, 7);
  await untilCounted({ ...own, status: '503' }, 5);
  await untilCounted({ ...own, status: '404' }, 6);
  await untilCounted({ ...own, method: 'OTHER' }, 4);
  // NGINX refuses these requests before Lua sees them.
  await untilCounted({ ...own, status: '413' }, 2);
  await untilCounted({ ingress: 's0', canary: `${NAMESPACE}-beta-80`, service: 's0' }, 8);
  await untilCounted({ ingress: '', namespace: '', service: '', host: '_', status: '404' }, 9);
  await untilCounted({ ingress: 'orphan', service: 'missing', status: '503' }, 3);
  const { select, sum } = await scrape(pod);
  const ok = { ...own, status: '200', method: 'GET' };
  for (const name of ['request_duration_seconds', 'response_duration_seconds', 'request_size', 'bytes_sent'])
    expect([name, sum(`${PREFIX}${name}_count`, ok)]).toEqual([name, before + 70]);
  expect(select(`${PREFIX}request_size_bucket`, { ...ok, le: '+Inf' })[0]?.value).toBe(before + 70);
  const reasons = { 'body-too-large': 2, 'no-endpoints': 3, 'no-route': 9, backend: 11 };
  for (const [reason, count] of Object.entries(reasons))
    expect([reason, sum('tidegate_error_responses_total', { reason })]).toEqual([reason, count]);
  await pod.controller.line(
    /Ingress \S+\/s0: .*requests get 413, because their bodies are larger than proxy-body-size/,
  );
  // No request was sent to a backend.
  expect(select(`${PREFIX}response_duration_seconds_count`, { ingress: 'orphan' })).toEqual([]);
  // Probes of the status port, and the controller's own requests, are not counted.
  expect(select(`${PREFIX}requests`, { ingress: '', status: '200' })).toEqual([]);
});

it('counts retries, and what the cache of authentication responses does', async () => {
  await causeEvents(pod, 'Bearer alice');
  const cache = (result: string, page: Scrape) =>
    page.sum('tidegate_auth_cache_total', { result, ingress: CACHED, service: CACHED, host: hostOf(CACHED) });
  // Each worker hands its counts over once a second.
  const results = (page: Scrape) => ['bypass', 'miss', 'hit'].map((result) => cache(result, page));
  await expect.poll(async () => results(await scrape(pod))).toEqual([2, 1, 5]);
  const page = await scrape(pod);
  expect(page.sum('tidegate_upstream_retries_total', { ingress: RETRIED, namespace: NAMESPACE })).toBeGreaterThan(0);
  expect(page.sum('tidegate_upstream_retries_total', { ingress: 's0' })).toBe(0);
});

it('loses no request in a reload', async () => {
  const host = hostOf('s0');
  const labels = { ingress: 's0', canary: '' };
  const before = await counted(labels);
  const sending = [sendBurst(pod, { host, count: 600 }), sendBurst(pod, { host, count: 300, http2: true })];
  cluster.addSite('fresh');
  await untilAnswered(pod, 'fresh', cluster.addresses('fresh'));
  const [first = {}, second = {}] = await Promise.all(sending);
  const answered = [first, second].reduce((sum, statuses) => sum + (statuses[200] ?? 0), 0);
  // A request on a connection that NGINX closes at this moment gets no response, and may be counted or not.
  const lost = (first['lost'] ?? 0) + (second['lost'] ?? 0);
  let found = 0;
  await until(
    'all requests are counted',
    async () => (found = (await counted(labels)) - before) >= answered,
    8000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${found} of ${answered}`);
  });
  expect(found).toBeLessThanOrEqual(answered + lost);
  expect((await scrape(pod)).sum('tidegate_outcomes_total', { kind: 'reload' })).toBeGreaterThan(0);
}, 60_000);

it('loses at most the counts of one second when workers are killed', async () => {
  const labels = { ingress: 's1' };
  const before = await counted(labels);
  let answered = 0;
  const started = performance.now();
  while (performance.now() - started < 2500) {
    const { 200: ok = 0 } = await sendBurst(pod, { host: hostOf('s1'), count: 20 });
    answered += ok;
  }
  for (const { pid } of workersOf(masterOf(pod.runDir)?.pid ?? 0)) process.kill(pid, 'SIGKILL');
  await untilAnswered(pod, 's1', cluster.addresses('s1'));
  await sleep(1500);
  const found = (await counted(labels)) - before;
  const lost = Math.max(0, answered - found);
  console.log(`killed workers: ${answered} responses in 2.5 s, ${lost} of them not counted`);
  expect(lost).toBeLessThanOrEqual((answered / 2.5) * 1.5);
}, 60_000);

it('the series of a removed Ingress disappear', async () => {
  expect((await scrape(pod)).select(`${PREFIX}requests`, { ingress: 's1' })).not.toEqual([]);
  cluster.emulator.remove('Ingress', NAMESPACE, 's1');
  await until('there are no series', async () => !(await scrape(pod)).text.includes('ingress="s1"'), 10_000);
  await sleep(1500);
  expect((await scrape(pod)).text).not.toContain('ingress="s1"');
});

it('shows certificates in use, Ingresses without Services, connections, processes and times of changes', async () => {
  const { select, sum } = await scrape(pod);
  const labels = { namespace: NAMESPACE, host: hostOf('s0'), secret_name: 's0-tls', class: 'k8s.io/ingress-nginx' };
  const [expiry] = select(`${PREFIX}ssl_expire_time_seconds`, labels);
  expect(Math.abs((expiry?.value ?? 0) - (Date.now() / 1000 + 30 * 86_400))).toBeLessThan(3600);
  const [info] = select(`${PREFIX}ssl_certificate_info`, labels);
  expect(info?.labels).toMatchObject({ issuer_common_name: hostOf('s0'), public_key_algorithm: 'ECDSA' });
  expect(info?.labels['identifier']).toBe(`-${info?.labels['serial_number']}`);
  expect(sum(`${PREFIX}orphan_ingress`, { namespace: NAMESPACE, ingress: 'orphan', type: 'no-service' })).toBe(1);
  expect(select(`${PREFIX}nginx_process_connections`).map((sample) => sample.labels['state'])).toEqual([
    'active',
    'reading',
    'writing',
    'waiting',
  ]);
  expect(sum(`${PREFIX}nginx_process_connections_total`, { state: 'accepted' })).toBeGreaterThan(10);
  expect(sum(`${PREFIX}nginx_process_requests_total`)).toBeGreaterThan(900);
  expect(sum(`${PREFIX}nginx_process_num_procs`)).toBeGreaterThan(1);
  expect(sum(`${PREFIX}nginx_process_cpu_seconds_total`)).toBeGreaterThan(0);
  expect(sum(`${PREFIX}nginx_process_resident_memory_bytes`)).toBeGreaterThan(1e6);
  expect(sum(`${PREFIX}nginx_process_write_bytes_total`)).toBeGreaterThanOrEqual(0);
  expect(select(`${PREFIX}nginx_process_read_bytes_total`)).toHaveLength(1);
  expect(sum('tidegate_event_to_served_seconds_count', { kind: 'reload' })).toBeGreaterThan(0);
  expect(sum('tidegate_request_series')).toBe(
    select(`${PREFIX}requests`).length +
      (await scrape(pod)).samples.filter(({ name }) =>
        /^nginx_ingress_controller_(?:\w+_duration_seconds|request_size|response_size|bytes_sent)_|^tidegate_(?:error_responses|upstream_retries|auth_cache)_total$/.test(
          name,
        ),
      ).length,
  );
});

it('a controller that is restarted learns what NGINX has counted meanwhile', async () => {
  await pod.controller.end('SIGKILL');
  expect(await sendBurst(pod, { host: hostOf('beta'), count: 60 })).toEqual({ 200: 60 });
  pod.controller.start();
  await until(
    'the new controller counts these requests',
    async () => (await counted({ ingress: 'beta' }).catch(() => 0)) === 60,
    20_000,
  );
}, 60_000);

it('the flags change labels, statuses, buckets, and which metrics there are', async () => {
  const { emulator } = cluster;
  const wild = ingressOf('wild', 's0', { path: '/sub' });
  const [rule] = (wild as unknown as { spec: { rules: { host: string }[] } }).spec.rules;
  if (rule !== undefined) rule.host = '*.wild.test';
  emulator.put(asJson(wild));
  const args = [
    '--metrics-per-path',
    '--metrics-per-undefined-host',
    '--report-status-classes',
    '--time-buckets=0.5,2',
    `--exclude-socket-metrics=bytes_sent,${PREFIX}request_size`,
  ];
  const other = await cluster.startPod({ name: 'tidegate-2', args });
  await other.ready();
  await untilAnswered(other, 's0', cluster.addresses('s0'));
  await sendBurst(other, { host: 'a.wild.test', path: '/sub/x', count: 5 });
  await sendBurst(other, { host: 'b.wild.test', path: '/sub', count: 2, headers: { 'echo-status': '418' } });
  await sendBurst(other, { host: 'unknown.test', count: 3 });
  const name = `${PREFIX}requests`;
  await until('all requests are counted', async () => (await scrape(other)).sum(name, { host: 'unknown.test' }) === 3);
  await until('all requests are counted', async () => (await scrape(other)).sum(name, { ingress: 'wild' }) === 7);
  const { text, sum, select } = await scrape(other);
  const labels = { ingress: 'wild', host: '*.wild.test', path: '/sub', service: 's0' };
  expect(sum(name, { ...labels, status: '2xx' })).toBe(5);
  expect(sum(name, { ...labels, status: '4xx' })).toBe(2);
  const buckets = select(`${PREFIX}request_duration_seconds_bucket`, { ...labels, status: '2xx' });
  expect(buckets.map((sample) => sample.labels['le'])).toEqual(['0.5', '2', '+Inf']);
  expect(text).toContain(`${PREFIX}response_size_bucket{`);
  expect(text).not.toMatch(/_bytes_sent|_request_size/);
  await other.dispose();
}, 60_000);

it('with --enable-metrics=false, nginx.conf has no trace of metrics, and /metrics is only about the process', async () => {
  const { emulator } = cluster;
  emulator.remove('Ingress', NAMESPACE, 'orphan');
  const other = await cluster.startPod({ name: 'tidegate-1', args: ['--enable-metrics=false'] });
  await other.ready();
  const { text } = await scrape(other);
  expect(text).not.toMatch(/^(?:nginx_ingress_controller|tidegate)_/m);
  const conf = (runDir: string) => readFileSync(`${runDir}/conf/nginx.conf`, 'utf8');
  expect(conf(other.runDir)).not.toMatch(/tidegate_metrics|log_by_lua_block { return|exit_worker/);
  expect(conf(pod.runDir)).toMatch(/lua_shared_dict tidegate_metrics/);
  await other.dispose();
}, 60_000);
