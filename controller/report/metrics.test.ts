import { expect, it } from 'vitest';
import type { LeftOutEndpoint, WorkerCounts } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';
import type { ConnectionCounts, ProcessFigures } from '../types/request-metrics.ts';
import { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';

const HASH = 'fedcba9876543210';
const RELOAD: Outcome = { kind: 'reload', generation: 2, testMs: 1, reloadMs: 1 };
const FAILED: Outcome = { kind: 'failed', message: 'no', errorLog: [], ms: 1 };
const REFUSED: Outcome = {
  kind: 'refused',
  check: { ok: false, ms: 1, message: 'no', line: undefined },
  owners: [],
};

let ageMs: number | undefined = 1500;
let lost = 0;
let workers: WorkerCounts | undefined;
let leftOut: readonly LeftOutEndpoint[] | undefined;
let connections: ConnectionCounts | undefined;
let processes: ProcessFigures | undefined;

function create(options: Partial<MetricsOptions> = {}): Metrics {
  return createMetrics({
    enabled: true,
    controllerClass: 'k8s.io/ingress-nginx',
    namespace: 'edge',
    pod: 'one',
    build: { release: '0.1.0', build: 'abc', repository: 'https://example.com' },
    dataAgeMs: () => ageMs,
    droppedEvents: () => ({ 'object-rate': lost, 'queue-full': 0, refused: 0, unreachable: 0 }),
    advisories: [],
    nginx: {
      workers: () => Promise.resolve(workers),
      leftOutEndpoints: () => Promise.resolve(leftOut),
      connections: () => Promise.resolve(connections),
      processes: () => Promise.resolve(processes),
    },
    requests: undefined,
    collect: () => Promise.resolve(),
    plan: () => undefined,
    defaultCertificate: '',
    ...options,
  });
}

it('has a series for each known vulnerability of NGINX', async () => {
  const text = await textOf(create({ advisories: ['CVE-2026-42055', 'CVE-2026-42533'] }));
  const series = text.split('\n').filter((line) => /^tidegate_nginx_advisories\{.*\} 1$/.test(line));
  expect(series.map((line) => /id="([^"]*)"/.exec(line)?.[1])).toEqual(['CVE-2026-42055', 'CVE-2026-42533']);
});

async function textOf(metrics: Metrics): Promise<string> {
  let text = '';
  for await (const part of metrics.page().parts) text += typeof part === 'string' ? part : Buffer.from(part).toString();
  return text;
}

/**
 * The value of the series with this name and these labels (in addition to the constant ones); undefined if there is
 * none.
 */
async function valueOf(metrics: Metrics, name: string, labels = ''): Promise<number | undefined> {
  const own = 'controller_class="k8s.io/ingress-nginx",controller_namespace="edge",controller_pod="one"';
  const start = `${name}{${labels === '' ? own : `${own},${labels}`}} `;
  const line = (await textOf(metrics)).split('\n').find((each) => each.startsWith(start));
  return line === undefined ? undefined : Number(line.slice(start.length));
}

const P = 'nginx_ingress_controller_';

function step(metrics: Metrics, outcome: Outcome, name: 'structure' | 'live' = 'structure', confHash = HASH): void {
  metrics.outcome(outcome, { step: name, reasons: [], confHash });
}

it('the initial series exist before the first change', async () => {
  const metrics = create();
  expect(await valueOf(metrics, `${P}success`)).toBe(0);
  expect(await valueOf(metrics, `${P}errors`)).toBe(0);
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBeUndefined();
  const build = 'release="0.1.0",build="abc",repository="https://example.com"';
  expect(await valueOf(metrics, `${P}build_info`, build)).toBe(1);
  expect(await textOf(metrics)).toMatch(/^process_start_time_seconds \d/m);
});

it('counts reloads, and shows whether the last reload succeeded and which configuration runs', async () => {
  const metrics = create();
  step(metrics, RELOAD);
  expect(await valueOf(metrics, `${P}success`)).toBe(1);
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(1);
  expect(await valueOf(metrics, `${P}config_hash`)).toBe(0xfedcba9876543);
  const time = await valueOf(metrics, `${P}config_last_reload_successful_timestamp_seconds`);
  expect(Math.abs((time ?? 0) - Date.now() / 1000)).toBeLessThan(5);
  step(metrics, REFUSED);
  step(metrics, FAILED);
  expect(await valueOf(metrics, `${P}errors`)).toBe(2);
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(0);
  expect(await valueOf(metrics, `${P}config_last_reload_successful_timestamp_seconds`)).toBe(time);
  // The previous configuration still runs.
  expect(await valueOf(metrics, `${P}config_hash`)).toBe(0xfedcba9876543);
  step(metrics, RELOAD, 'structure', '00000000000010ff');
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(1);
  expect(await valueOf(metrics, `${P}config_hash`)).toBe(1);
});

it('does not report a successful reload while nginx refuses a value of the ConfigMap', async () => {
  const metrics = create();
  const refused = { code: 'refused-by-nginx', severity: 'error', effect: 'ignored-key', message: '' } as const;
  const ofKind = (kind: string) => ({ ...refused, object: { kind, namespace: 'a', name: 'b' } });
  const good = () => valueOf(metrics, `${P}config_last_reload_successful`);
  metrics.problems([ofKind('ConfigMap')]);
  expect(await good()).toBeUndefined();
  step(metrics, RELOAD);
  expect(await good()).toBe(0);
  metrics.problems([ofKind('Ingress')]);
  expect(await good()).toBe(1);
});

it('reports success again when a refused value is reverted and NGINX needs no reload', async () => {
  const metrics = create();
  step(metrics, RELOAD);
  step(metrics, REFUSED);
  step(metrics, { kind: 'none' });
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(1);
});

it('does not count a change to live data as a reload, even if it fails', async () => {
  const metrics = create();
  step(metrics, RELOAD);
  metrics.outcome(
    { kind: 'live', set: 1, removed: 0, revision: 42, ms: 1 },
    { step: 'live', reasons: ['endpoints of shop/web/80'], confHash: HASH },
  );
  step(metrics, FAILED, 'live');
  expect(await valueOf(metrics, `${P}success`)).toBe(1);
  expect(await valueOf(metrics, `${P}errors`)).toBe(0);
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(1);
  expect(await valueOf(metrics, 'tidegate_live_revision')).toBe(42);
  expect(await valueOf(metrics, 'tidegate_outcomes_total', 'kind="live",reason="endpoints"')).toBe(1);
  expect(await valueOf(metrics, 'tidegate_outcomes_total', 'kind="failed",reason="other"')).toBe(1);
});

it('reports success for an adopted NGINX without counting a reload', async () => {
  const metrics = create();
  step(metrics, { kind: 'adopted', master: 7, ms: 1 });
  expect(await valueOf(metrics, `${P}config_last_reload_successful`)).toBe(1);
  expect(await valueOf(metrics, `${P}success`)).toBe(0);
});

it('shows Problems, quarantined Ingresses, leadership, the age of the API data, and dropped Events', async () => {
  const metrics = create();
  const problem = { code: 'x', severity: 'warning', effect: 'none', message: 'x' } as const;
  metrics.problems([problem, problem]);
  metrics.quarantined(3);
  expect(await valueOf(metrics, `${P}leader_election_status`, 'name="leader"')).toBeUndefined();
  metrics.leader('leader', true);
  expect(await valueOf(metrics, `${P}leader_election_status`, 'name="leader"')).toBe(1);
  metrics.leader('leader', false);
  expect(await valueOf(metrics, `${P}leader_election_status`, 'name="leader"')).toBe(0);
  expect(await valueOf(metrics, 'tidegate_problems', 'severity="warning",code="x"')).toBe(2);
  metrics.problems([]);
  expect(await valueOf(metrics, 'tidegate_problems', 'severity="warning",code="x"')).toBe(0);
  expect(await valueOf(metrics, 'tidegate_quarantined_ingresses')).toBe(3);
  ageMs = 2500;
  lost = 4;
  expect(await valueOf(metrics, 'tidegate_api_data_age_seconds')).toBe(2.5);
  expect(await valueOf(metrics, 'tidegate_events_dropped_total', 'reason="object-rate"')).toBe(4);
  // A second scrape counts nothing twice.
  expect(await valueOf(metrics, 'tidegate_events_dropped_total', 'reason="object-rate"')).toBe(4);
  ageMs = undefined;
  expect(await valueOf(metrics, 'tidegate_api_data_age_seconds')).toBeUndefined();
});

it('when metrics are disabled, only the metrics of the process exist', async () => {
  const metrics = create({ enabled: false });
  step(metrics, RELOAD);
  metrics.leader('leader', true);
  const text = await textOf(metrics);
  expect(text).not.toMatch(/nginx_ingress_controller|tidegate/);
  expect(text).toMatch(/^process_resident_memory_bytes \d/m);
});

it('shows the draining workers that NGINX reports, and no value while NGINX does not respond', async () => {
  const metrics = create();
  workers = undefined;
  expect(await valueOf(metrics, 'tidegate_draining_workers')).toBeUndefined();
  workers = { serving: 2, draining: 5, drainingGenerations: 3, closedEarly: 40, live: { capacity: 4096, free: 1000 } };
  expect(await valueOf(metrics, 'tidegate_draining_workers')).toBe(5);
  expect(await valueOf(metrics, 'tidegate_draining_generations')).toBe(3);
  expect(await valueOf(metrics, 'tidegate_connections_closed_early_total')).toBe(40);
  workers = { serving: 2, draining: 0, drainingGenerations: 0, closedEarly: 41, live: { capacity: 4096, free: 1000 } };
  expect(await valueOf(metrics, 'tidegate_draining_workers')).toBe(0);
  expect(await valueOf(metrics, 'tidegate_connections_closed_early_total')).toBe(41);
  workers = undefined;
  expect(await valueOf(metrics, 'tidegate_draining_workers')).toBeUndefined();
});

it('shows how many endpoints are left out, and no value while NGINX does not respond', async () => {
  const metrics = create();
  leftOut = [{ backend: 'shop/web/80', endpoint: '10.0.0.1:80', seconds: 3 }];
  expect(await valueOf(metrics, 'tidegate_left_out_endpoints')).toBe(1);
  leftOut = [];
  expect(await valueOf(metrics, 'tidegate_left_out_endpoints')).toBe(0);
  leftOut = undefined;
  expect(await valueOf(metrics, 'tidegate_left_out_endpoints')).toBeUndefined();
});

it('shows Ingresses for as long as their Services are missing or have no endpoints', async () => {
  const metrics = create();
  const lack = (code: string, name: string, effect: Problem['effect'] = 'no-endpoints'): Problem => {
    const object = { kind: 'Ingress', namespace: 'shop', name };
    return { code, severity: 'notice', effect, message: '', object };
  };
  metrics.problems([lack('missing-service', 'a'), lack('no-endpoints', 'b'), lack('no-endpoints', 'c', 'none')]);
  const orphan = (name: string, type: string) =>
    valueOf(metrics, `${P}orphan_ingress`, `namespace="shop",ingress="${name}",type="${type}"`);
  expect(await orphan('a', 'no-service')).toBe(1);
  expect(await orphan('b', 'no-endpoint')).toBe(1);
  expect(await orphan('c', 'no-endpoint')).toBeUndefined();
  metrics.problems([]);
  expect(await orphan('a', 'no-service')).toBeUndefined();
});

it('measures the time from a change until NGINX serves it', async () => {
  const metrics = create();
  const live: Outcome = { kind: 'live', set: 1, removed: 0, revision: 1, ms: 1 };
  metrics.outcome(live, { step: 'live', reasons: [], sinceMs: 4, confHash: HASH });
  metrics.outcome(RELOAD, { step: 'structure', reasons: [], sinceMs: 2000, confHash: HASH });
  metrics.outcome(RELOAD, { step: 'structure', reasons: [], confHash: HASH });
  const text = await textOf(metrics);
  const value = (name: string, labels: string) =>
    new RegExp(`^tidegate_event_to_served_seconds_${name}\\{${labels}\\} (.*)$`, 'm').exec(text)?.[1];
  expect(value('bucket', 'le="0.005",.*kind="live"')).toBe('1');
  expect(value('bucket', 'le="0.0025",.*kind="live"')).toBe('0');
  expect(value('sum', '.*kind="reload"')).toBe('2');
  expect(value('count', '.*kind="reload"')).toBe('1');
});

it("shows NGINX's connections and processes, and no value that NGINX does not report", async () => {
  const metrics = create();
  connections = { active: 3, reading: 0, writing: 1, waiting: 2, accepted: 10, handled: 9, requests: 50 };
  processes = {
    processes: 3,
    cpuSeconds: 1.5,
    residentBytes: 4096,
    virtualBytes: 8192,
    readBytes: undefined,
    writtenBytes: 7,
    oldestStartSeconds: 1_700_000_000,
  };
  expect(await valueOf(metrics, `${P}nginx_process_connections`, 'state="waiting"')).toBe(2);
  expect(await valueOf(metrics, `${P}nginx_process_connections_total`, 'state="handled"')).toBe(9);
  expect(await valueOf(metrics, `${P}nginx_process_requests_total`)).toBe(50);
  expect(await valueOf(metrics, `${P}nginx_process_num_procs`)).toBe(3);
  expect(await valueOf(metrics, `${P}nginx_process_cpu_seconds_total`)).toBe(1.5);
  expect(await valueOf(metrics, `${P}nginx_process_read_bytes_total`)).toBeUndefined();
  expect(await valueOf(metrics, `${P}nginx_process_write_bytes_total`)).toBe(7);
  expect(await valueOf(metrics, `${P}nginx_process_oldest_start_time_seconds`)).toBe(1_700_000_000);
  // Counters of NGINX are not added up by several scrapes.
  expect(await valueOf(metrics, `${P}nginx_process_requests_total`)).toBe(50);
  connections = undefined;
  processes = undefined;
  expect(await textOf(metrics)).not.toMatch(/^nginx_ingress_controller_nginx_process_/m);
});

it('metrics of the admission webhook exist only if there is one, and contain its results and the last review', async () => {
  expect(await textOf(create())).not.toMatch(/admission/);
  const metrics = create({ admission: true });
  expect(await valueOf(metrics, 'tidegate_admission_reviews_total', 'result="denied"')).toBe(0);
  metrics.admission.reviewed({ before: 0.002, build: 0.003, tested: 4, known: 500 }, 12_345);
  metrics.admission.answered('denied', 0.006);
  metrics.admission.answered('failed', 9);
  expect(await valueOf(metrics, 'tidegate_admission_reviews_total', 'result="denied"')).toBe(1);
  expect(await valueOf(metrics, 'tidegate_admission_review_seconds_count')).toBe(2);
  const ofLast = async (name: string) => valueOf(metrics, `nginx_ingress_controller_admission_${name}`);
  expect(await ofLast('tested_ingresses')).toBe(4);
  expect(await ofLast('tested_duration')).toBe(0.003);
  expect(await ofLast('render_ingresses')).toBe(500);
  expect(await ofLast('render_duration')).toBe(0.002);
  expect(await ofLast('config_size')).toBe(12_345);
  expect(await ofLast('roundtrip_duration')).toBe(0.006);
});
