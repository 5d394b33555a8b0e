import { expect, test } from 'vitest';
import type { SharedPart } from '../types/live.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { LivePlan } from '../types/plan.ts';
import { finish } from '../types/steps.ts';
import { NO_LIVE, renderLive } from './live.ts';
import { shareRoute } from './shared-parts.ts';

const route = (changes: Partial<LiveRoute>): LiveRoute => ({
  backend: 'shop/web/80',
  ingress: 'shop/web',
  path: '/',
  tlsRedirect: 'never',
  tries: 3,
  balance: 'round_robin',
  ...changes,
});
const cors = (origins: readonly string[]) => ({ origins, methods: 'GET', headers: 'X-A', maxAge: 1 });
const many = (count: number) => Array.from({ length: count }, (_, index) => `https://${index}.example.com`);

/** The route that results if each reference to a shared part is replaced by the value of the part. */
function restored(text: string, parts: readonly (readonly [string, string])[]): unknown {
  const { shared = [], ...rest } = JSON.parse(text) as LiveRoute & { shared?: readonly SharedPart[] };
  const texts = new Map(parts);
  for (const [hash, ...place] of shared) {
    const holder = place
      .slice(0, -1)
      .reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], rest);
    const { value } = JSON.parse(texts.get(hash) ?? '') as { value: unknown };
    (holder as Record<string | number, unknown>)[place.at(-1) ?? ''] = value;
  }
  return rest;
}

test.each<[string, Partial<LiveRoute>, readonly unknown[]]>([
  ['a list below a field', { cors: cors(many(50)) }, [['cors', 'origins']]],
  ['a list', { removedHeaders: many(50) }, [['removedHeaders']]],
  ['a string', { appRoot: `/${'a'.repeat(1000)}` }, [['appRoot']]],
  [
    'each script of a snippet separately',
    {
      snippet: {
        server: { steps: many(50).map((to) => ({ set: 'a', to: [to] })) },
        location: { steps: many(60).map((to) => ({ set: 'b', to: [to] })) },
      },
    },
    [
      ['snippet', 'location'],
      ['snippet', 'server'],
    ],
  ],
  [
    'the conditions of canaries, but not their backends',
    {
      canaries: [
        { backend: 'a/a/80', balance: 'ewma', weight: 1, total: 2 },
        { backend: 'b/b/80', balance: 'ewma', weight: 1, total: 2, header: { name: 'X', pattern: 'x'.repeat(900) } },
      ],
    },
    [['canaries', 1, 'header']],
  ],
  [
    'the longest of several lists',
    { responseHeaders: many(9).map((text) => ['X', text]), removedHeaders: many(8), addedHeaders: [['X-A', 'b']] },
    [['responseHeaders']],
  ],
])('live data contains a shared part for %s', (_, changes, places) => {
  const { text, parts } = shareRoute(route(changes));
  const { shared } = JSON.parse(text) as { shared: readonly SharedPart[] };
  expect(shared.map(([, ...place]) => place)).toEqual(places);
  expect(text.length).toBeLessThan(1000);
  expect(restored(text, parts)).toEqual(route(changes));
});

test.each<[string, Partial<LiveRoute>]>([
  ['a short list', { cors: cors(['https://a.example.com']) }],
  ['a field that belongs to one path', { path: `/${'a'.repeat(2000)}`, slashRedirect: `/${'a'.repeat(2000)}` }],
  ['the pattern of a path', { rewrite: { pattern: 'a'.repeat(2000), target: ['/'] } }],
])('%s is not moved to a shared part', (_, changes) => {
  expect(shareRoute(route(changes))).toEqual({ text: JSON.stringify(route(changes)), parts: [] });
});

const planOf = (routes: readonly (readonly [string, LiveRoute])[]): LivePlan => ({
  routes: new Map(routes),
  backends: new Map(),
  certificates: new Map(),
  names: new Map(),
  passthrough: new Map(),
  settings: { httpsPort: 443, redirectCode: 308, forwarded: false },
});
/** Renders a Plan, continuing from the last result. */
let last = NO_LIVE;
function rendered(plan: LivePlan) {
  last = finish(renderLive(plan, last));
  return last.document;
}
const partsIn = (plan: LivePlan) => [...rendered(plan).keys()].filter((key) => key.startsWith('p:'));
const id = (number: number) => number.toString(16).padStart(16, '0');

test('the live data contains a shared part once, for as long as a route refers to it', () => {
  const [first, second] = [route({ cors: cors(many(50)) }), route({ cors: cors(many(60)) })];
  const all = Array.from({ length: 300 }, (_, index) => [id(index), route({ cors: cors(many(50)) })] as const);
  expect(partsIn(planOf(all))).toHaveLength(1);
  expect(partsIn(planOf([...all, [id(300), second]]))).toHaveLength(2);
  expect(partsIn(planOf([[id(300), second]]))).toEqual(partsIn(planOf([[id(1), second]])));
  expect(partsIn(planOf([[id(1), first]]))).toEqual(partsIn(planOf(all)));
  expect(partsIn(planOf([]))).toEqual([]);
});
