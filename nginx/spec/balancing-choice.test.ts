/** The balancing methods: which endpoint gets a request, and which measurements remain when the endpoints change. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpointStates, oneByOne, startEndpoint, tally, underWay } from './balancing-endpoint.ts';
import type { Endpoint } from './balancing-endpoint.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import type { Answer } from './request.ts';
import type { Balance } from '../../controller/types/live.ts';

const ID = '00000000000000ba';
const SLOW = { headers: { 'X-Delay': '700' } };

let nginx: Fixture;
let all: [Endpoint, Endpoint, Endpoint];
let number = 0;
let backend = '';

beforeAll(async () => {
  all = [await startEndpoint('a'), await startEndpoint('b'), await startEndpoint('c')];
  nginx = await startFixture({ workers: 1 });
});

afterAll(async () => {
  await nginx?.stop();
  await Promise.all((all ?? []).map((endpoint) => endpoint.close()));
});

beforeEach(() => {
  number += 1;
  backend = `shop/web${number}/80`;
  for (const endpoint of all) endpoint.behave(() => ({}));
});

/**
 * Pushes the test's backend with these weights of a, b and c (0: not an endpoint of the backend), and a route with this
 * balancing method.
 */
async function balance(kind: Balance, weights: readonly number[], changes = {}): Promise<void> {
  await nginx.api.push({ ...members(weights), [`r:${ID}`]: route(backend, { balance: kind, ...changes }) });
}

function members(weights: readonly number[]): Record<string, ReturnType<typeof endpoints>> {
  const pairs = all.map(({ port }, i) => [port, weights[i] ?? 0] as const).filter(([, weight]) => weight > 0);
  return { [`b:${backend}`]: endpoints(...pairs) };
}

function send(options = {}): Promise<Answer> {
  return nginx.get('/', ID, options);
}

async function sequence(requests: number): Promise<Record<string, number>> {
  return tally(await oneByOne(requests, send));
}

function states(): ReturnType<typeof endpointStates> {
  return endpointStates(nginx, all, backend);
}

/** Sends this number of slow requests at the same time. Returns how many of them each endpoint got. */
async function together(requests: number): Promise<Record<string, number>> {
  return tally(await Promise.all(Array.from({ length: requests }, () => send(SLOW))));
}

describe('least_conn', () => {
  it('distributes concurrent requests evenly', async () => {
    await balance('least_conn', [1, 1, 1]);
    expect(await together(9)).toEqual({ a: 3, b: 3, c: 3 });
  });

  it('distributes concurrent requests by weight', async () => {
    await balance('least_conn', [3, 1]);
    expect(await together(8)).toEqual({ a: 6, b: 2 });
  });

  it('uses weighted round robin if no other requests are in progress', async () => {
    await balance('least_conn', [5, 2, 1]);
    expect(await sequence(32)).toEqual({ a: 20, b: 8, c: 4 });
  });

  it('sends no requests to a busy endpoint while another one is idle', async () => {
    await balance('least_conn', [1, 1]);
    const slow = send(SLOW);
    await underWay(all, 1);
    const [busy, idle] = all[0].busy() === 1 ? ['a', 'b'] : ['b', 'a'];
    expect(await sequence(10)).toEqual({ [idle]: 10 });
    expect((await slow).body).toBe(busy);
    expect(await sequence(10)).toEqual({ a: 5, b: 5 });
  });
});

describe('random', () => {
  it('distributes requests about evenly', async () => {
    await balance('random', [1, 1, 1]);
    const counts = await sequence(300);
    for (const name of ['a', 'b', 'c']) expect(counts[name]).toBeGreaterThan(60);
  });

  it('prefers endpoints with a high weight', async () => {
    await balance('random', [8, 1, 1]);
    const counts = await sequence(300);
    expect(counts['a']).toBeGreaterThan(200);
    expect(counts['b']).toBeGreaterThan(8);
    expect(counts['c']).toBeGreaterThan(8);
  });

  it('compares two endpoints, and chooses the one with fewer requests in progress', async () => {
    await balance('random', [1, 1]);
    const slow = send(SLOW);
    await underWay(all, 1);
    const idle = all[0].busy() === 1 ? 'b' : 'a';
    expect(await sequence(10)).toEqual({ [idle]: 10 });
    await slow;
  });
});

describe('ewma', () => {
  it('prefers fast endpoints, unlike round robin', async () => {
    all[1].behave(() => ({ delay: 150 }));
    await balance('round_robin', [1, 1]);
    expect(await sequence(20)).toEqual({ a: 10, b: 10 });
    await balance('ewma', [1, 1]);
    const counts = await sequence(60);
    expect(counts['a']).toBeGreaterThan(50);
    const { a, b } = await states();
    expect(b?.score).toBeGreaterThan(a?.score ?? 1);
    expect(b?.score).toBeGreaterThan(0.05);
  });

  it('avoids an endpoint that has become slow', async () => {
    await balance('ewma', [1, 1, 1]);
    await sequence(30);
    all[2].behave(() => ({ delay: 250 }));
    const counts = await sequence(60);
    expect(counts['c'] ?? 0).toBeLessThan(6);
  });

  it('prefers endpoints without requests in progress', async () => {
    for (const endpoint of all) endpoint.behave(() => ({ delay: 50 }));
    await balance('ewma', [1, 1]);
    await Promise.all([send(), send(), send(), send()]);
    const slow = send(SLOW);
    await underWay(all, 1);
    const idle = all[0].busy() === 1 ? 'b' : 'a';
    const counts = await sequence(10);
    expect(counts[idle]).toBeGreaterThan(7);
    await slow;
  });

  it('measures the time to the first byte of the last attempt, without earlier failed attempts', async () => {
    all[1].behave(() => ({ drop: true, delay: 500 }));
    await balance('ewma', [1, 1]);
    await sequence(3);
    const { a, b } = await states();
    expect(a?.score).toBeLessThan(0.45);
    expect(b?.score).toBe(0);
  });
});

describe('after a change to the endpoints', () => {
  it('with ewma, a remaining endpoint keeps its score, and a new endpoint starts with the average score', async () => {
    for (const endpoint of all) endpoint.behave(() => ({ delay: 50 }));
    await balance('ewma', [1, 1]);
    await Promise.all([send(), send(), send(), send()]);
    const before = await states();
    await nginx.api.push(members([1, 1, 1]));
    const after = await states();
    expect(before['a']?.score).toBeGreaterThan(0.03);
    expect(before['b']?.score).toBeGreaterThan(0.03);
    expect(after['a']?.score).toBeGreaterThan((before['a']?.score ?? 1) * 0.3);
    expect(after['a']?.score).toBeLessThanOrEqual(before['a']?.score ?? 0);
    const average = ((after['a']?.score ?? 0) + (after['b']?.score ?? 0)) / 2;
    expect(after['c']?.score).toBeCloseTo(average, 3);
  });

  it('with least_conn, a request that began before the change still counts until it ends', async () => {
    await balance('least_conn', [1, 1]);
    const slow = send(SLOW);
    await underWay(all, 1);
    const [busy, idle] = all[0].busy() === 1 ? ['a', 'b'] : ['b', 'a'];
    await nginx.api.push(members([1, 1, 1]));
    expect((await states())[busy]?.inFlight).toBe(1);
    expect(await sequence(8)).toEqual({ [idle]: 4, c: 4 });
    await nginx.api.push(members([1, 1]));
    await slow;
    const { a, b, c } = await states();
    expect([a?.inFlight, b?.inFlight, c]).toEqual([0, 0, undefined]);
  });

  it('round robin continues after the endpoint that got the last request', async () => {
    await balance('round_robin', [1, 1]);
    const order: string[] = [];
    const sets = [
      [1, 1, 1],
      [1, 1, 2],
      [1, 1, 1],
    ];
    for (const weights of sets.flatMap((each) => [each, each])) {
      await nginx.api.push(members(weights));
      order.push((await send()).body);
    }
    const turns = order.map((name) => 'abc'.indexOf(name));
    expect(order).toHaveLength(6);
    // With equal weights, endpoints take turns in order. With unequal weights, no endpoint of weight 1 has two turns in
    // a row.
    expect(turns[1]).toBe(((turns[0] ?? 0) + 1) % 3);
    expect(turns[5]).toBe(((turns[4] ?? 0) + 1) % 3);
    expect(turns[4]).toBe(((turns[3] ?? 0) + 1) % 3);
  });

  it('with ewma, an endpoint that was removed and added again starts without its former score', async () => {
    all[0].behave(() => ({ delay: 300 }));
    all[1].behave(() => ({ delay: 10 }));
    await balance('ewma', [1, 1]);
    await Promise.all([send(), send(), send()]);
    await nginx.api.push(members([0, 1]));
    await sequence(1);
    await nginx.api.push(members([1, 1]));
    const { a, b } = await states();
    expect(b?.score).toBeGreaterThan(0);
    expect(a?.score).toBeCloseTo(b?.score ?? 1, 3);
  });
});

it('a delta whose route has an unknown balancing method is refused', async () => {
  await expect(
    nginx.api.push({ [`r:${ID}`]: { text: JSON.stringify({ ...route(null), balance: 'ip_hash' }) } }),
  ).rejects.toThrow(/field \\"balance\\": expected \\"round_robin\\"/);
});

it('GET /v1/endpoints answers 404 for a backend that does not exist', async () => {
  const { status, body } = await nginx.api.send('GET', '/v1/endpoints?backend=shop/none/80');
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({ error: 'unknown' });
});

it('the error log of NGINX contains no Lua errors', () => {
  expect(nginx.errorLog()).not.toMatch(
    /lua entry thread aborted|runtime error|failed to run balancer|failed to run log/,
  );
});
