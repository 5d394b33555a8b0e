/** What the page says about Problems, hosts, Outcomes, explanations and traffic. */
import { expect, test } from 'vitest';
import type { Explanation } from '../../../controller/explain/explanation.ts';
import { branches, likelyResults, otherResults, settingLines } from './explanation.ts';
import { hostState, type HostItem } from './host-state.ts';
import { editCommand, placeText, type ProblemItem } from './mend.ts';
import { type OutcomeItem, reasonText, timingText } from './outcome.ts';
import { durationChart, newestP99, rateChart, reloadTimes } from './series.ts';

const PROBLEM: ProblemItem = {
  severity: 'error',
  code: 'a',
  effect: 'none',
  object: { kind: 'Ingress', namespace: 'shop', name: 'web' },
  message: 'wrong',
  text: 'wrong',
  since: '2026-01-01T00:00:00Z',
  solved: null,
};

test('a Problem is mended in a file or with kubectl, and a hostile name is quoted', () => {
  const place = { file: 'shop.yaml', line: 12, column: 5 };
  expect(placeText({ ...PROBLEM, place })).toBe('shop.yaml:12:5');
  expect(editCommand({ ...PROBLEM, place })).toBeUndefined();
  expect(editCommand(PROBLEM)).toBe('kubectl edit ingress web --namespace shop');
  const cluster = { kind: 'IngressClass', namespace: '', name: "a'; rm -rf /" };
  expect(editCommand({ ...PROBLEM, object: cluster })).toBe(`kubectl edit ingressclass 'a'\\''; rm -rf /'`);
  expect(editCommand({ ...PROBLEM, object: { ...cluster, kind: 'Thing' } })).toBeUndefined();
});

const HOST: HostItem = {
  host: 'a.test',
  names: [],
  moreNames: 0,
  ingresses: [],
  moreIngresses: 0,
  paths: 3,
  endpoints: 2,
  withoutEndpoints: 0,
  denied: 0,
  errors: 0,
  warnings: 0,
  traffic: null,
};

test.each([
  [{}, 'good', 'no Problems'],
  [{ warnings: 2 }, 'warn', '2 warnings'],
  [{ warnings: 2, denied: 1 }, 'warn', '1 path denied'],
  [{ denied: 1, errors: 1 }, 'bad', '1 error'],
  [{ errors: 1, withoutEndpoints: 2 }, 'bad', '2 paths without endpoints'],
])('of a host with %j, the page first says what is worst', (changed, tone, text) => {
  expect(hostState({ ...HOST, ...changed })).toEqual({ tone, text });
});

test('an Outcome has its reasons and how long it took', () => {
  const outcome: OutcomeItem = { at: '', step: 'structure', kind: 'reload', reasons: ['a', 'b'], moreReasons: 3 };
  expect(reasonText(outcome)).toBe('a; b and 3 more');
  expect(reasonText({ ...outcome, reasons: [], moreReasons: 0, kind: 'failed', message: 'broken' })).toBe('broken');
  expect(reasonText({ ...outcome, reasons: [], moreReasons: 0, kind: 'started' })).toBe('NGINX was started');
  expect(timingText({ ...outcome, sinceMs: 1500, testMs: 80, ms: 3 })).toBe('in force after 1.5 s, nginx -t 80 ms');
  expect(timingText({ ...outcome, ms: 3 })).toBe('3 ms');
});

const EXPLANATION: Explanation = {
  request: { method: 'GET', scheme: 'https', host: 'a.test', path: '/', query: null, client: null },
  certificate: null,
  server: { names: ['a.test'], why: '', ingresses: ['shop/web'] },
  location: { match: '/', ingress: 'shop/web', path: '/', why: '', service: 'shop/web:80', route: '0' },
  lost: [],
  steps: [],
  outcomes: [
    { when: 'the sun shines', status: 503, by: 'nginx', reason: 'limited' },
    {
      share: 0.2,
      status: null,
      by: 'backend',
      backend: { service: 'shop/next:80', role: 'canary', protocol: 'http', path: '/', endpoints: [] },
    },
    { share: 0.8, status: 308, by: 'nginx', location: 'https://b.test/' },
  ],
  requestHeaders: [{ name: 'X-Gone' }],
  responseHeaders: [],
  settings: [
    { name: 'a', value: '1', from: 'annotation', object: 'shop/web', scope: 'host' },
    { name: 'b', value: '2', from: 'default', scope: 'location' },
  ],
  notes: [],
};

test('an explanation begins with its results, and leaves out sections without lines', () => {
  expect(likelyResults(EXPLANATION)).toEqual([
    '20 %: shop/next:80 gets / over http as canary (no endpoints)',
    '80 %: 308, a redirect to https://b.test/',
  ]);
  expect(otherResults(EXPLANATION)).toEqual(['if the sun shines: 503 from NGINX [limited]']);
  expect(branches(EXPLANATION)).toEqual([
    {
      title: 'Where',
      lines: [
        'host: a.test',
        'Ingresses: shop/web',
        'certificate: the default certificate',
        'path: / of shop/web, location /',
        'Service: shop/web:80',
      ],
    },
    { title: 'Request headers that change', lines: ['X-Gone is removed'] },
  ]);
  expect(settingLines(EXPLANATION)).toEqual({
    written: ['a = 1 (annotation of shop/web, applies to the whole host)'],
    defaults: ['b = 2'],
  });
});

test('charts have the periods that have ended, as rates and durations', () => {
  const point = { requests: 20, errors: 2, refused: 4, p50Ms: 1, p95Ms: 2, p99Ms: 3 };
  const at = (second: number) => new Date(second * 1000).toISOString();
  const traffic = {
    counted: true,
    stepSeconds: 10,
    points: [
      { ...point, at: at(10) },
      { ...point, at: at(20), requests: 0, p99Ms: null },
      { ...point, at: at(30), p99Ms: null },
    ],
    lastMinute: null,
    hosts: [],
  };
  expect(rateChart(traffic)).toEqual({
    times: [10, 20],
    columns: [
      [2, 0],
      [0.4, 0.4],
      [0.2, 0.2],
    ],
  });
  expect(durationChart(traffic).columns[2]).toEqual([3, null]);
  expect(newestP99(traffic)).toBe(3);
  const outcome: OutcomeItem = { at: '', step: 'structure', kind: 'reload', reasons: [], moreReasons: 0 };
  expect(
    reloadTimes([
      { ...outcome, at: at(15) },
      { ...outcome, kind: 'none', at: at(16) },
    ]),
  ).toEqual([15]);
});
