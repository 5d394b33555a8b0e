import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostPlan, Plan } from '../../types/plan.ts';
import { measuredHistograms, type Measures, measuresText, widthOf } from '../../types/request-metrics.ts';
import { familyText } from '../exposition/text-format.ts';
import { readCountReport } from './count-report.ts';
import { createKnownRoutes } from './known-routes.ts';
import { createNumberRows } from './number-rows.ts';
import { createRequestMetrics, type RequestMetrics, type RequestMetricsOptions } from './request-metrics.ts';

const MEASURES: Measures = {
  histograms: measuredHistograms({ time: [0.1, 1], length: [10], size: [100, 1000] }, new Set()),
  undefinedHosts: false,
};
const DIGEST = createHash('md5').update(measuresText(MEASURES)).digest('hex');
const [WEB, API, GONE] = ['00000000000000aa', '00000000000000ab', '00000000000000ac'];
/** Lines of one combination of labels if all histograms have a value. */
const LINES = 1 + 4 * 5 + 2 * 4 + 5;

/** A Plan with the parts that request metrics use: hosts, each with routes `id → [Ingress, path]`. */
function plan(hosts: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>>): Plan {
  const plans = Object.entries(hosts).map(([host, routes]): [string, Partial<HostPlan>] => [
    host,
    {
      host,
      routes: new Map(
        Object.entries(routes).map(([id, [ingress, path]]) => [
          id,
          { backend: 'shop/web/80', ingress, path, tlsRedirect: 'never', tries: 1, balance: 'round_robin' },
        ]),
      ),
    },
  ]);
  const ingresses = new Set(Object.values(hosts).flatMap((routes) => Object.values(routes).map(([name]) => name)));
  ingresses.delete('');
  const live = { passthrough: new Map() };
  return { static: { hosts: new Map(plans), streams: null }, live, ingresses } as unknown as Plan;
}

const PLAN = plan({
  '': { [GONE]: ['', '/'] },
  'a.test': { [WEB]: ['shop/web', '/'], [API]: ['shop/api', '/a"p\\i'] },
});

function create(options: Partial<RequestMetricsOptions> = {}): RequestMetrics {
  const metrics = createRequestMetrics({
    onError: () => undefined,
    measures: MEASURES,
    mostSeries: 100_000,
    perHost: true,
    perPath: false,
    statusClasses: false,
    ownLabels: 'controller_pod="p"',
    countsRequests: true,
    httpsPort: 443,
    ...options,
  });
  metrics.follow(PLAN);
  return metrics;
}

function text(...lines: readonly string[]): string {
  return [`v 1 ${DIGEST}`, ...lines, ''].join('\n');
}

/** The whole page, which must not contain a time series twice. */
function pageOf(metrics: RequestMetrics): string {
  const page = metrics
    .families()
    .map((family) => [...familyText(family)].join(''))
    .join('');
  const series = page.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [line.replace(/ \S+$/, '')]));
  const found = series.filter((each) => each !== '');
  expect(new Set(found).size).toBe(found.length);
  return page;
}

/** Label text and value of each series of the counter of requests. */
function requestsIn(metrics: RequestMetrics): Record<string, number> {
  const lines = pageOf(metrics).matchAll(/^nginx_ingress_controller_requests\{controller_pod="p",(.*)\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, labels = '', value]) => [labels, Number(value)]));
}

/** Name, label text and value of each series of the counters of events. */
function eventsIn(metrics: RequestMetrics): Record<string, number> {
  const lines = pageOf(metrics).matchAll(/^tidegate_(\w+)_total\{controller_pod="p",(.*)\} (\d+)$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = '', labels = '', value]) => [`${name} ${labels}`, Number(value)]),
  );
}

const GROUP = `g ${WEB} shop/web/80 - -`;
const OF_WEB = 'namespace="shop",ingress="web",service="web",canary="",host="a.test"';

describe('series', () => {
  it('adds up what several reports say about a series', async () => {
    const metrics = create();
    await metrics.add([text(GROUP, 'c GET 200 3 1=50 2=2 3=1', 'c POST 201 1'), text(GROUP, 'c GET 200 2 1=1500 4=2')]);
    expect(requestsIn(metrics)).toEqual({
      [`status="200",method="GET",${OF_WEB}`]: 5,
      [`status="201",method="POST",${OF_WEB}`]: 1,
    });
    const name = 'nginx_ingress_controller_request_duration_seconds';
    const labels = `controller_pod="p",status="200",method="GET",${OF_WEB}`;
    expect(pageOf(metrics)).toContain(
      [
        `# TYPE ${name} histogram`,
        `${name}_bucket{${labels},le="0.1"} 2`,
        `${name}_bucket{${labels},le="1"} 3`,
        `${name}_bucket{${labels},le="+Inf"} 5`,
        `${name}_sum{${labels}} 1.55`,
        `${name}_count{${labels}} 5`,
        '',
      ].join('\n'),
    );
    // POST has no durations, so it has no histogram.
    expect(pageOf(metrics)).not.toContain(`${name}_count{controller_pod="p",status="201"`);
  });

  it('has the labels that the flags request, and escapes them', async () => {
    const lines = [`g ${API} shop/api/80 shop-beta-80 -`, 'c GET 404 1', 'c GET 410 2'];
    const metrics = create({ perHost: false, perPath: true, statusClasses: true });
    await metrics.add([text(...lines)]);
    expect(requestsIn(metrics)).toEqual({
      'status="4xx",method="GET",path="/a\\"p\\\\i",namespace="shop",ingress="api",service="api",canary="shop-beta-80"': 3,
    });
    const excluded = create({ countsRequests: false });
    await excluded.add([text(...lines)]);
    expect(requestsIn(excluded)).toEqual({});
  });

  it('counts requests without an Ingress with empty labels', async () => {
    const metrics = create();
    await metrics.add([text(`g ${GONE} shop/web/80 - -`, 'c GET 404 1', 'g - - - x.test', 'c OTHER other 2')]);
    const labels = 'namespace="",ingress="",service="",canary="",host="_"';
    expect(requestsIn(metrics)).toEqual({
      [`status="404",method="GET",${labels}`]: 1,
      [`status="other",method="OTHER",${labels}`]: 2,
    });
  });

  it('uses requested hosts only for requests to the default server, and at most 1,000 of them', async () => {
    const undefinedHosts = { ...MEASURES, undefinedHosts: true };
    const metrics = create({ measures: undefinedHosts, mostSeries: 10_000_000 });
    await metrics.add([text(`g ${WEB} shop/web/80 - x.test`, 'c GET 200 1')]);
    expect(Object.keys(requestsIn(metrics))).toEqual([`status="200",method="GET",${OF_WEB}`]);
    const hosts = Array.from({ length: 1100 }, (_, index) => [`g - - - h${index}.test`, 'c GET 404 2'].join('\n'));
    await metrics.add([text(...hosts)]);
    const found = Object.keys(requestsIn(metrics)).filter((labels) => labels.includes('host="h'));
    expect(found.length).toBe(1000);
    expect(metrics.folded().host).toBe(200);
  });

  it('removes the series of an Ingress that the Plan no longer has, and ignores what is counted for it later', async () => {
    const metrics = create();
    await metrics.add([text(GROUP, 'c GET 200 3 1=1 2=1', `g ${API} shop/api/80 - -`, 'c GET 200 4')]);
    const before = metrics.size();
    const without = plan({ 'a.test': { [API]: ['shop/api', '/'] } });
    metrics.follow(without);
    expect(Object.values(requestsIn(metrics))).toEqual([4]);
    expect(metrics.size()).toBe(before - 1 - 5);
    await metrics.add([text(GROUP, 'c GET 200 3')]);
    expect(Object.values(requestsIn(metrics))).toEqual([4]);
    // The row of the removed series is used again, from zero.
    metrics.follow(PLAN);
    await metrics.add([text(GROUP, 'c GET 200 1')]);
    expect(Object.values(requestsIn(metrics))).toEqual([4, 1]);
    expect(pageOf(metrics)).not.toMatch(/_bucket/);
  });

  it('a page that is being written leaves out series that are removed meanwhile', async () => {
    const metrics = create();
    await metrics.add([text(GROUP, ...Array.from({ length: 40 }, (_, index) => `c GET ${200 + index} 3`))]);
    const [requests] = metrics.families();
    const parts = familyText(requests!);
    expect(parts.next().value).toContain('requests{');
    metrics.follow(plan({}));
    expect([...parts].join('')).not.toContain('requests{');
  });

  it('still knows the route of a draining worker after the Ingress was given another route', async () => {
    const metrics = create();
    metrics.follow(plan({ 'a.test': { '00000000000000b0': ['shop/web', '/'] } }));
    await metrics.add([text(GROUP, 'c GET 200 3')]);
    expect(requestsIn(metrics)).toEqual({ [`status="200",method="GET",${OF_WEB}`]: 3 });
  });
});

describe('limits', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);

  it('an Ingress with many statuses gets exact series, then series of classes, and loses no request', async () => {
    const mostSeries = 20 * 100 * LINES;
    const metrics = create({ mostSeries });
    const full = Array.from({ length: widthOf(MEASURES) - 1 }, (_, index) => `${index + 1}=1`).join(' ');
    const lines = statuses.map((status) => `c GET ${status} 1 ${full}`);
    await metrics.add([text(GROUP, ...lines.slice(0, 200)), text(GROUP, ...lines.slice(200))]);
    await metrics.add([text(`g ${API} shop/api/80 - -`, 'c GET 200 9')]);
    const found = requestsIn(metrics);
    expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(509);
    const exact = Object.keys(found).filter((labels) => labels.includes('method="GET",namespace="shop",ingress="web"'));
    const classes = Object.keys(found).filter((labels) => labels.includes('method="OTHER"'));
    expect([exact.length, classes.length]).toEqual([75, 5]);
    expect(metrics.folded()).toMatchObject({ share: 425, limit: 0 });
    expect(metrics.size()).toBe(80 * LINES + 1);
    expect(pageOf(metrics).match(/^nginx/gm)?.length).toBe(metrics.size());
    // Another Ingress is not affected.
    expect(found[`status="200",method="GET",${OF_WEB.replaceAll('"web"', '"api"')}`]).toBe(9);
  });

  it('beyond the share of an Ingress, requests are counted without an Ingress', async () => {
    const metrics = create({ mostSeries: 600 });
    await metrics.add([text(GROUP, ...statuses.map((status) => `c GET ${status} 2`))]);
    const found = requestsIn(metrics);
    expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(metrics.folded()).toMatchObject({ share: 0, limit: 1000 });
    // Requests without an Ingress are counted in the same series.
    await metrics.add([text('g - - - -', 'c OTHER 4xx 1', 'c GET 404 1')]);
    expect(
      requestsIn(metrics)['status="4xx",method="OTHER",namespace="",ingress="",service="",canary="",host="_"'],
    ).toBe(202);
    expect(metrics.size()).toBe(5);
    expect(Object.keys(found).filter((labels) => labels.includes('ingress=""')).length).toBe(5);
  });

  it('invented canaries and Services take no memory beyond the limits', async () => {
    const metrics = create({ mostSeries: 2000 });
    for (let round = 0; round < 50; round += 1) {
      const groups = Array.from(
        { length: 100 },
        (_, index) => `g ${WEB} shop/web/80 c-${round}-${index} -\nc GET 200 1`,
      );
      await metrics.add([text(...groups)]);
    }
    expect(metrics.size()).toBeLessThanOrEqual(2000);
    expect(Object.values(requestsIn(metrics)).reduce((sum, count) => sum + count, 0)).toBe(5000);
  });
});

it('prints how large the metrics of 1,000 Ingresses are, with the buckets of ingress-nginx', async () => {
  const bounds = {
    time: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    length: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
    size: [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
  };
  const measures = { histograms: measuredHistograms(bounds, new Set()), undefinedHosts: false };
  const metrics = create({ measures, mostSeries: 500_000 });
  const ids = Array.from({ length: 1000 }, (_, index) => String(index).padStart(16, '0'));
  metrics.follow(
    plan(
      Object.fromEntries(ids.map((id, index) => [`h${index}.test`, { [id]: [`n${index % 20}/web-${index}`, '/'] }])),
    ),
  );
  const digest = createHash('md5').update(measuresText(measures)).digest('hex');
  const numbers = Array.from({ length: widthOf(measures) - 1 }, (_, index) => `${index + 1}=1`).join(' ');
  const lines = (id: string) => [
    `g ${id} shop/web/80 - -`,
    ...[200, 404, 500].map((status) => `c GET ${status} 1 ${numbers}`),
  ];
  for (const id of ids) await metrics.add([[`v 1 ${digest}`, ...lines(id), 'c GET 308 1', ''].join('\n')]);
  const started = performance.now();
  let bytes = 0;
  for (const family of metrics.families()) {
    for (const part of familyText(family)) bytes += Buffer.from(part).length;
  }
  const ms = performance.now() - started;
  console.log(
    `1,000 Ingresses with 4 statuses: ${metrics.size()} time series of at most 500000, ${(bytes / 1e6).toFixed(0)} MB in ${ms.toFixed(0)} ms, ${metrics.folded().share} requests folded`,
  );
  expect(metrics.size()).toBe(1000 * (3 * 93 + 1));
  expect(metrics.folded()).toMatchObject({ share: 0, limit: 0 });
});

describe('reports of the workers', () => {
  it.each([
    ['another version', `v 2 ${DIGEST}\n${GROUP}\nc GET 200 1\n`],
    ['counted with other buckets', `v 1 ${'0'.repeat(32)}\n${GROUP}\nc GET 200 1\n`],
    ['too long', text(...Array.from({ length: 5000 }, () => 'c GET 200 100000'))],
    ['a series without a group', text('c GET 200 1')],
    ['an unknown method', text(GROUP, 'c BREW 200 1')],
    ['an unknown status', text(GROUP, 'c GET 900 1')],
    ['a place that does not exist', text(GROUP, `c GET 200 1 ${widthOf(MEASURES)}=1`)],
    ['the place of the requests', text(GROUP, 'c GET 200 1 0=1')],
    ['a number that is not whole', text(GROUP, 'c GET 200 1.5')],
    ['a number that is too large', text(GROUP, 'c GET 200 9999999999999999')],
    ['a negative number', text(GROUP, 'c GET 200 1 1=-1')],
    ['a label with a quote', text('g - - x" -', 'c GET 200 1')],
    ['a label that is too long', text(`g - - ${'x'.repeat(1000)} -`, 'c GET 200 1')],
  ])('%s is ignored and counted', async (_, wrong) => {
    const metrics = create();
    await metrics.add([wrong]);
    expect(requestsIn(metrics)).toEqual({});
    expect(metrics.refused()).toBeGreaterThan(0);
  });

  it('no report leads to an exception or to a line that is not in the format of Prometheus', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'v',
        '1',
        DIGEST,
        'g',
        WEB,
        '-',
        'shop/web/80',
        'c',
        'GET',
        '200',
        'f',
        'w',
        'no-route',
        '\n',
        ' ',
        '1=2',
        '=',
      ),
      fc.string({ maxLength: 5 }),
      fc.nat().map(String),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const metrics = create();
        await metrics.add([pieces.join(' '), text(pieces.join(' ')), text(pieces.join(''))]);
        for (const line of pageOf(metrics).split('\n'))
          expect(line).toMatch(/^$|^# (HELP|TYPE) \w+ .+$|^\w+\{(\w+="(?:[^"\\\n]|\\.)*",?)*\} [\d.]+$/);
      }),
      { numRuns: 300 },
    );
  });

  it('adds error responses by reason, and reports the Ingress of each reason', async () => {
    const told: string[] = [];
    const metrics = create({ onError: (ingress, reason) => void told.push(`${ingress} ${reason}`) });
    const lines = [`w ${WEB} body-too-large 2`, `w ${GONE} no-route 3`, 'w - bad-request 1', `w ${WEB} backend 4`];
    await metrics.add([text(...lines), text(`w ${WEB} body-too-large 5`)]);
    const none = 'namespace="",ingress="",service="",host="_"';
    const web = 'namespace="shop",ingress="web",service="web",host="a.test"';
    expect(eventsIn(metrics)).toEqual({
      [`error_responses reason="body-too-large",${web}`]: 7,
      [`error_responses reason="no-route",${none}`]: 3,
      [`error_responses reason="bad-request",${none}`]: 1,
      [`error_responses reason="backend",${web}`]: 4,
    });
    expect(told).toEqual(['shop/web body-too-large', 'shop/web backend', 'shop/web body-too-large']);
  });

  it('counts retries and what the cache of authentication responses did, for each Ingress and Service', async () => {
    const metrics = create();
    const before = metrics.size();
    await metrics.add([
      text(`e ${WEB} retry 2`, `e ${API} auth-hit 5`),
      text(`e ${WEB} retry 1`, `e ${API} auth-miss 1`),
    ]);
    await metrics.add([text('e - retry 4', `e ${'0'.repeat(16)} retry 9`, `e ${WEB} tea 1`, `e ${WEB} retry x`)]);
    const api = 'namespace="shop",ingress="api",service="web",host="a.test"';
    const counted = {
      'upstream_retries namespace="shop",ingress="web",service="web",host="a.test"': 3,
      [`auth_cache result="hit",${api}`]: 5,
      [`auth_cache result="miss",${api}`]: 1,
      'upstream_retries namespace="",ingress="",service="",host="_"': 4,
    };
    expect(eventsIn(metrics)).toEqual(counted);
    expect([metrics.size() - before, metrics.refused()]).toEqual([4, 2]);
    metrics.follow(plan({ 'a.test': { [API]: ['shop/api', '/'] } }));
    expect(Object.keys(eventsIn(metrics))).toHaveLength(3);
    expect(metrics.size() - before).toBe(3);
    const full = create({ mostSeries: 20 });
    await full.add([text(GROUP, 'c GET 200 1', `e ${WEB} retry 1`, `e ${WEB} auth-hit 1`, `e ${API} auth-hit 1`)]);
    expect(Object.keys(eventsIn(full)).filter((labels) => labels.includes('ingress=""'))).toEqual([
      'auth_cache result="hit",namespace="",ingress="",service="",host="_"',
    ]);
  });

  it('limits the number of reasons, and ignores invalid ones', async () => {
    const metrics = create();
    await metrics.add([text(...Array.from({ length: 1000 }, (_, n) => `w - r${n} 1`))]);
    expect(Object.keys(eventsIn(metrics))).toHaveLength(301);
    expect(eventsIn(metrics)['error_responses reason="other",namespace="",ingress="",service="",host="_"']).toBe(700);
    await metrics.add([text('w - Bad 1', 'w - a"b 1', 'w - a', 'w x a 1')]);
    expect([Object.keys(eventsIn(metrics)).length, metrics.refused()]).toEqual([301, 4]);
  });

  it('reads how many requests a worker counted less exactly', () => {
    const sink = {
      digest: DIGEST,
      width: widthOf(MEASURES),
      native: undefined,
      add: () => undefined,
      addReason: () => undefined,
      addEvent: () => undefined,
      addSessions: () => undefined,
    };
    expect(readCountReport(text('f 12', 'f 3', GROUP), sink)).toEqual({ folded: 15, refused: 0, dropped: 0 });
  });
});

it('forgets the oldest of too many former routes', () => {
  const routes = createKnownRoutes(2);
  const ids = ['1', '2', '3'].map((digit) => digit.padStart(16, '0'));
  routes.follow(plan({ 'a.test': Object.fromEntries(ids.map((id) => [id, ['shop/web', '/'] as const])) }));
  routes.follow(plan({}));
  expect(ids.map((id) => routes.get(id)?.host)).toEqual([undefined, 'a.test', 'a.test']);
});

it('rows of numbers are zero when they are taken, whether they are new or used again', () => {
  const rows = createNumberRows(3);
  const taken = Array.from({ length: 600 }, rows.take);
  expect(new Set(taken).size).toBe(600);
  for (const row of taken) rows.add(row, Float64Array.of(row, 1, 2));
  expect([...rows.view(599)]).toEqual([599, 1, 2]);
  rows.free(300);
  const again = rows.take();
  expect([again, ...rows.view(again)]).toEqual([300, 0, 0, 0]);
});
