/** How the workers check addresses against long access lists. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { literal } from '../../controller/types/conf-value.ts';
import { directive } from '../../controller/types/directive.ts';
import { sourcesOf } from '../../controller/model/values/access-lists.ts';
import type { LiveSources } from '../../controller/types/live-sources.ts';
import { route } from './live.ts';
import { ID, startOneRoute } from './one-route.ts';
import type { OneRoute } from './one-route.ts';

let one: OneRoute;

beforeAll(async () => {
  one = await startOneRoute();
});

afterAll(() => one?.stop());

const rules = (...list: readonly (readonly ['allow' | 'deny', string])[]) =>
  sourcesOf(list.map(([name, network]) => directive(name, literal(network))));
const push = (sources: LiveSources) => one.nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { sources }) });
const statusFrom = async (address: string) =>
  (await one.nginx.get('/sources/', ID, { headers: { 'X-Client': address } })).status;

it('an access list matches the first and last addresses of its networks, and not their neighbours', async () => {
  await push(rules(['allow', '10.1.0.0/16'], ['allow', '192.0.2.7'], ['allow', '2001:db8:1::/48'], ['deny', 'all']));
  const expected: Readonly<Record<string, number>> = {
    '0.0.0.0': 403,
    '10.0.255.255': 403,
    '10.1.0.0': 200,
    '10.1.255.255': 200,
    '10.2.0.0': 403,
    '192.0.2.6': 403,
    '192.0.2.7': 200,
    '192.0.2.8': 403,
    '255.255.255.255': 403,
    '::': 403,
    '2001:db8:0:ffff:ffff:ffff:ffff:ffff': 403,
    '2001:db8:1::': 200,
    '2001:db8:1:ffff:ffff:ffff:ffff:ffff': 200,
    '2001:db8:2::': 403,
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff': 403,
    '::ffff:10.1.2.3': 200,
    '::ffff:10.2.2.3': 403,
  };
  for (const [address, status] of Object.entries(expected)) expect(await statusFrom(address), address).toBe(status);
});

it('the first matching rule of an access list applies, and clients that no rule matches are admitted', async () => {
  await push(rules(['deny', '10.1.1.0/24'], ['allow', '10.1.0.0/16'], ['deny', '10.0.0.0/8']));
  expect(await statusFrom('10.1.1.1')).toBe(403);
  expect(await statusFrom('10.1.2.1')).toBe(200);
  expect(await statusFrom('10.2.0.1')).toBe(403);
  expect(await statusFrom('192.0.2.1')).toBe(200);
  expect(await statusFrom('2001:db8::1')).toBe(200);
});

it('an access list may have thousands of networks', async () => {
  const third = (index: number) => `10.${index >> 8}.${index & 255}.128/25`;
  await push(
    rules(...Array.from({ length: 5000 }, (_, index) => ['allow', third(index)] as const), ['deny', 'all'] as const),
  );
  for (const index of [0, 1, 255, 256, 2500, 4999]) {
    const [first, second] = [index >> 8, index & 255];
    expect(await statusFrom(`10.${first}.${second}.127`)).toBe(403);
    expect(await statusFrom(`10.${first}.${second}.128`)).toBe(200);
  }
});

it('a location that checks addresses answers 503 if the route has no access list', async () => {
  await one.nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
  expect(await statusFrom('10.1.1.1')).toBe(503);
});
