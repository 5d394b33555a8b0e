import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LivePassthrough } from '../../types/live.ts';
import type { Plan } from '../../types/plan.ts';
import { measuresText, REASONS_ONLY } from '../../types/request-metrics.ts';
import { passedEntry, SESSION_WIDTH } from '../../types/session-metrics.ts';
import { serverNameFile, type StreamServer } from '../../types/stream.ts';
import { familyText } from '../exposition/text-format.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';

const DIGEST = createHash('md5').update(measuresText(REASONS_ONLY)).digest('hex');
const DB = 'TCP/5432/shop/db/5432';
const DNS = 'UDP/53/shop/dns/dns';
const [OF_WEB, OF_API] = ['e0123456789abcdef', 'eabcdef0123456789'] as const;
const WEB = passedEntry(serverNameFile('web.test'), OF_WEB);

type Server = Pick<StreamServer, 'protocol' | 'port' | 'service'>;
const SERVERS: readonly Server[] = [
  { protocol: 'TCP', port: 5432, service: 'shop/db:5432' },
  { protocol: 'UDP', port: 53, service: 'shop/dns:dns' },
];
const PASSED: Readonly<Record<string, LivePassthrough>> = {
  'web.test': { backend: 'shop/web/443', ingress: 'shop/site' },
};

/** A Plan with the parts that metrics of sessions use. */
function plan(servers = SERVERS, passed = PASSED, endpoints: string = OF_WEB): Plan {
  return {
    static: { hosts: new Map(), streams: { servers } },
    live: { passthrough: new Map(Object.entries(passed)) },
    streamFiles: new Map(
      Object.keys(passed).map((name) => [serverNameFile(name), { kind: 'text', text: endpoints }] as const),
    ),
    ingresses: new Set(['shop/site']),
  } as unknown as Plan;
}

function create(mostSeries = 10_000): RequestMetrics {
  const metrics = createRequestMetrics({
    onError: () => undefined,
    measures: REASONS_ONLY,
    mostSeries,
    perHost: true,
    perPath: false,
    statusClasses: false,
    ownLabels: 'pod="p"',
    countsRequests: false,
    httpsPort: 443,
  });
  metrics.follow(plan());
  return metrics;
}

function report(...lines: readonly string[]): string {
  return [`v 1 ${DIGEST}`, ...lines, ''].join('\n');
}

/** `numbers`: the first ones; the others are 0. */
function line(entry: string, status: number | string, ...numbers: readonly number[]): string {
  const all = Array.from({ length: SESSION_WIDTH }, (_, place) => numbers[place] ?? 0);
  return ['s', entry, status, ...all].join(' ');
}

/** The values of a metric by the labels without those of the controller. */
function valuesOf(metrics: RequestMetrics, name: string): Record<string, number> {
  const page = metrics
    .families()
    .map((family) => [...familyText(family)].join(''))
    .join('');
  const found = [...page.matchAll(/^(\w+)\{pod="p",?(.*)\} (\S+)$/gm)].filter(([, each]) => each === name);
  return Object.fromEntries(found.map(([, , labels = '', value]) => [labels, Number(value)]));
}

function sessionsIn(metrics: RequestMetrics): Record<string, number> {
  return valuesOf(metrics, 'tidegate_stream_sessions_total');
}

const NONE = 'ingress="",host=""';
const DB_LABELS = `protocol="TCP",port="5432",namespace="shop",service="db",service_port="5432",${NONE}`;
const DNS_LABELS = `protocol="UDP",port="53",namespace="shop",service="dns",service_port="dns",${NONE}`;
const WEB_LABELS =
  'protocol="TLS",port="443",namespace="shop",service="web",service_port="443",ingress="site",host="web.test"';
const ZEROS = { [`${DB_LABELS},status="200"`]: 0, [`${DNS_LABELS},status="200"`]: 0 };

describe('series', () => {
  it('an entry has series from the start, and a host from its first session on', async () => {
    const metrics = create();
    expect(sessionsIn(metrics)).toEqual(ZEROS);
    await metrics.add([report(line(WEB, 200, 3, 10, 20))]);
    expect(sessionsIn(metrics)).toEqual({ ...ZEROS, [`${WEB_LABELS},status="200"`]: 3 });
  });

  it('adds up sessions by status, and everything else by entry', async () => {
    const metrics = create();
    await metrics.add([
      report(line(DB, 200, 2, 100, 1000, 0, 1500, 0, 0, 2), line(DB, 502, 1, 0, 0, 2, 20, 1)),
      report(line(DB, 200, 1, 1, 1, 1, 5, 1)),
    ]);
    expect(sessionsIn(metrics)).toMatchObject({ [`${DB_LABELS},status="200"`]: 3, [`${DB_LABELS},status="502"`]: 1 });
    const values = (name: string) => valuesOf(metrics, `tidegate_stream_${name}`)[DB_LABELS];
    expect(values('received_bytes_total')).toBe(101);
    expect(values('sent_bytes_total')).toBe(1001);
    expect(values('upstream_retries_total')).toBe(3);
    expect(values('session_duration_seconds_sum')).toBe(1.525);
    expect(values('session_duration_seconds_count')).toBe(4);
    const buckets = valuesOf(metrics, 'tidegate_stream_session_duration_seconds_bucket');
    expect([buckets[`${DB_LABELS},le="0.01"`], buckets[`${DB_LABELS},le="1"`]]).toEqual([2, 4]);
  });

  it('series disappear with their entry, and a changed entry starts from 0', async () => {
    const metrics = create();
    await metrics.add([report(line(DB, 200, 5), line(DNS, 200, 6), line(WEB, 200, 7))]);
    const before = metrics.size();
    metrics.follow(plan([{ protocol: 'TCP', port: 5432, service: 'shop/other:5432' }], {}));
    // Old workers still count for the former entries.
    await metrics.add([report(line(DB, 200, 5), line(WEB, 200, 7))]);
    const changed = DB_LABELS.replace('service="db"', 'service="other"');
    expect(sessionsIn(metrics)).toEqual({ [`${changed},status="200"`]: 0 });
    expect(metrics.size()).toBeLessThan(before);
    metrics.follow(plan([], {}));
    expect([sessionsIn(metrics), metrics.size()]).toEqual([{}, 0]);
  });

  it('a host with another Service or Ingress has other series', async () => {
    const metrics = create();
    await metrics.add([report(line(WEB, 200, 7))]);
    metrics.follow(plan(SERVERS, { 'web.test': { backend: 'shop/api/443', ingress: 'shop/site' } }, OF_API));
    await metrics.add([report(line(WEB, 200, 1), line(passedEntry(serverNameFile('web.test'), OF_API), 200, 2))]);
    const ofApi = WEB_LABELS.replace('service="web"', 'service="api"');
    expect(sessionsIn(metrics)).toEqual({ ...ZEROS, [`${ofApi},status="200"`]: 2 });
    metrics.follow(plan(SERVERS, { 'web.test': { backend: 'shop/api/443', ingress: 'shop/newer' } }, OF_API));
    expect(sessionsIn(metrics)).toEqual(ZEROS);
  });

  it('beyond the limit, sessions are counted without their entry', async () => {
    const servers = Array.from({ length: 50 }, (_, i) => ({ ...SERVERS[0], port: i + 1 }) as Server);
    const metrics = create(200);
    metrics.follow(plan(servers, {}));
    await metrics.add([report(...servers.map(({ port }) => line(`TCP/${port}/shop/db/5432`, 200, 1)))]);
    const counts = sessionsIn(metrics);
    const rest = 'protocol="",port="",namespace="",service="",service_port="",ingress="",host="",status="200"';
    expect(Object.keys(counts).length).toBeLessThan(12);
    expect(counts[rest]).toBeGreaterThan(38);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(50);
  });
});

it('tells the sums of each entry', async () => {
  const metrics = create();
  await metrics.add([report(line(WEB, 200, 3, 10, 20, 1, 1500), line(WEB, 502, 1))]);
  expect(metrics.sessions()).toHaveLength(3);
  expect(metrics.sessions()).toContainEqual({
    labels: {
      protocol: 'TLS',
      port: '443',
      namespace: 'shop',
      service: 'web',
      service_port: '443',
      ingress: 'site',
      host: 'web.test',
    },
    statuses: new Map([
      ['200', 3],
      ['502', 1],
    ]),
    receivedBytes: 10,
    sentBytes: 20,
    retries: 1,
    seconds: 1.5,
  });
});

describe('what NGINX sends is not trusted', () => {
  it.each([
    line(DB, 200, 1).replace(' 1 ', ' -1 '),
    line(DB, 200, 1).replace(' 1 ', ' 1.5 '),
    line(DB, 200, Number.MAX_SAFE_INTEGER + 1),
    line(DB, 999, 1),
    line(DB, 'ok', 1),
    line(`${DB}"`, 200, 1),
    line('x'.repeat(500), 200, 1),
    `${line(DB, 200, 1)} 1`,
    line(DB, 200, 1).slice(0, -2),
    's',
    's  ',
    'l 1',
    'l -1 0',
  ])('%s', async (bad) => {
    const metrics = create();
    await metrics.add([report(bad, line(DB, 200, 1))]);
    expect(sessionsIn(metrics)).toEqual({ ...ZEROS, [`${DB_LABELS},status="200"`]: 1 });
    expect(metrics.refused()).toBe(1);
  });

  it('an entry that the Plan lacks has no series', async () => {
    const metrics = create();
    await metrics.add([report(line('TCP/1/shop/unknown/1', 200, 1), line('TLS/tffff/effff', 200, 1))]);
    expect(sessionsIn(metrics)).toEqual(ZEROS);
  });

  it('reads how many lines a worker refused and did not count', async () => {
    const metrics = create();
    await metrics.add([report('l 3 1000'), report('l 0 5')]);
    expect(metrics.refused()).toBe(3);
    expect(valuesOf(metrics, 'tidegate_stream_sessions_dropped_total')).toEqual({ '': 1005 });
  });

  it('random lines neither throw nor add series', async () => {
    const metrics = create();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.stringMatching(/^[sl 019/.TCP\n"\\{}]*$/)), async (lines) => {
        await metrics.add([report(...lines.map((text) => `s ${text}`))]);
        expect(Object.keys(sessionsIn(metrics))).toEqual(Object.keys(ZEROS));
      }),
    );
  });
});
