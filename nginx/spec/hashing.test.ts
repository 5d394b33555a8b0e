/** Consistent hashing: routes with `hashBy`, and the ring that they use. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import { HASH_VARIABLES } from '../../controller/model/values/hash-by.ts';
import type { LiveHashBy } from '../../controller/types/live.ts';
import { oneByOne, tally } from './balancing-endpoint.ts';
import { onChainedRing } from './chained-ring.ts';
import { ID, startStage } from './balancing-stage.ts';
import type { Stage } from './balancing-stage.ts';
import { until } from './fixture.ts';
import { route } from './live.ts';
import { request } from './request.ts';

const BY_KEY: LiveHashBy = { pieces: ['$http_x_key'] };
const KEYS = Array.from({ length: 60 }, (_, i) => `key-${i}`);

/**
 * Lua code that removes each endpoint once from twenty sets of ten endpoints, with 10,000 keys. It prints the greatest
 * share of keys that moved (`most`), how many keys moved although their endpoint was not removed (`strays`), and the
 * number of points of rings with 1,000 and 5,000 endpoints.
 */
const FIGURES = `
      local ring = require 'tidegate.balance.ring'
      local KEYS, POINTS = 10000, 640
      local function backend_of(set, count, without)
        local ids, weights = {}, {}
        for i = 1, count do
          if i ~= without then
            ids[#ids + 1] = '10.' .. set .. '.' .. math.floor(i / 250) .. '.' .. i % 250 .. ':8080'
            weights[#weights + 1] = 1
          end
        end
        return { ids = ids, weights = weights, count = #ids, rotation = { total = #ids } }
      end
      local function places(backend)
        local made, found = ring.new(backend, POINTS), {}
        for key = 1, KEYS do
          found[key] = backend.ids[ring.owner(made, ring.find(made, '/item/' .. key))]
        end
        return found
      end
      local most, strays = 0, 0
      for set = 1, 20 do
        local whole = backend_of(set, 10)
        local before = places(whole)
        for gone = 1, 10 do
          local after = places(backend_of(set, 10, gone))
          local moved = 0
          for key = 1, KEYS do
            if before[key] ~= after[key] then
              moved = moved + 1
              strays = strays + (before[key] ~= whole.ids[gone] and 1 or 0)
            end
          end
          most = math.max(most, moved / KEYS)
        end
      end
      local large = ring.new(backend_of(99, 1000), POINTS)
      local huge = ring.new(backend_of(99, 5000), POINTS)
      ngx.say('{"most":', most, ',"strays":', strays, ',"large":', large.count, ',"huge":', huge.count, '}')
`;

/**
 * Lua code that prints to which endpoint each key of the request belongs, on a ring with 160 points for each endpoint.
 */
const OWNERS = `
      local ring = require 'tidegate.balance.ring'
      local cjson = require 'cjson'
      ngx.req.read_body()
      local asked = cjson.decode(ngx.req.get_body_data())
      local weights = {}
      for i = 1, #asked.ids do
        weights[i] = 1
      end
      local made = ring.new({ ids = asked.ids, weights = weights, count = #weights, rotation = { total = #weights } }, 160)
      local owners = {}
      for i, key in ipairs(asked.keys) do
        owners[i] = asked.ids[ring.owner(made, ring.find(made, key))]
      end
      ngx.say(cjson.encode(owners))
`;

let stage: Stage;
let figuresPort = 0;

beforeAll(async () => {
  figuresPort = await freePort();
  stage = await startStage(`server {
    listen 127.0.0.1:${figuresPort};
    location / {
      set $tidegate_route "";
      content_by_lua_block {${FIGURES}}
    }
    location = /owners {
      set $tidegate_route "";
      client_body_buffer_size 1m;
      content_by_lua_block {${OWNERS}}
    }
  }`);
});

afterAll(() => stage?.stop());

beforeEach(() => stage.begin());

/** The endpoint that answers a request with each of the keys. */
async function places(keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const key of keys) found.push((await stage.send({ headers: { 'X-Key': key } })).body);
  return found;
}

it('if one of ten endpoints is removed, only its keys move, which are at most 12 % of all keys', async () => {
  const { body } = await request({ port: figuresPort });
  const { most, strays, large, huge } = JSON.parse(body) as Record<'most' | 'strays' | 'large' | 'huge', number>;
  expect(strays).toBe(0);
  expect(most).toBeLessThanOrEqual(0.12);
  expect(most).toBeGreaterThan(0.1);
  // The number of points is limited, so that a ring can always be computed in some milliseconds.
  expect([large, huge]).toEqual([163_000, 160_000]);
});

// The expected value of the first assertion was observed in ingress-nginx itself.
it('the ring maps keys to the same endpoints as the ring of ingress-nginx', async () => {
  const ports = [9030, 9031, 9032];
  expect(
    onChainedRing(
      ports.map((port) => `10.9.9.9:${port}`),
      ['1795903667.239.25915.889696'],
    ),
  ).toEqual(['10.9.9.9:9030']);
  const byte = () => Math.floor(Math.random() * 256);
  const small = Array.from({ length: 100 }, () => ({ count: 1 + Math.floor(Math.random() * 60), asked: 100 }));
  const large = [100, 500, 1024].map((count) => ({ count, asked: 1000 }));
  for (const { count, asked } of [...small, ...large]) {
    const ids = Array.from(new Set(Array.from({ length: count }, (_, i) => endpoint(i, byte))));
    const keys = Array.from({ length: asked }, () => `${1.79e9 + Math.random() * 1e8}.${byte()}.${byte()}.${byte()}`);
    const body = JSON.stringify({ ids, keys });
    const headers = { 'Content-Length': String(Buffer.byteLength(body)) };
    const answer = await request({ port: figuresPort, path: '/owners', method: 'POST', headers, body });
    expect(JSON.parse(answer.body), `${count} endpoints: ${ids.slice(0, 5).join(', ')}`).toEqual(
      onChainedRing(ids, keys),
    );
  }
});

function endpoint(index: number, byte: () => number): string {
  const port = 1 + byte() * 250;
  return index % 5 === 0
    ? `[fd00::${byte().toString(16)}:${index}]:${port}`
    : `10.${byte()}.${byte()}.${byte()}:${port}`;
}

describe('a route with hashBy', () => {
  it('sends requests with equal keys to the same endpoint, even after a reload', async () => {
    await stage.serve('abc', { hashBy: BY_KEY });
    const first = await places(KEYS);
    expect(new Set(first)).toEqual(new Set(['a', 'b', 'c']));
    expect(await places(KEYS)).toEqual(first);
    await stage.nginx.reload();
    expect(await places(KEYS)).toEqual(first);
  });

  it('moves only the keys of a removed endpoint', async () => {
    await stage.serve('abc', { hashBy: BY_KEY });
    const before = await places(KEYS);
    await stage.nginx.api.push(stage.members('ab'));
    const after = await places(KEYS);
    before.forEach((at, i) => expect(after[i]).toBe(at === 'c' ? after[i] : at));
    expect(after).not.toContain('c');
    await stage.nginx.api.push(stage.members('abc'));
    expect(await places(KEYS)).toEqual(before);
  });

  it('distributes keys in proportion to the weights of the endpoints', async () => {
    await stage.serve('a8bc', { hashBy: BY_KEY });
    const counts = { a: 0, b: 0, c: 0 };
    for (const at of await places(Array.from({ length: 400 }, (_, i) => `${i}`))) counts[at as 'a'] += 1;
    expect(counts.a).toBeGreaterThan(250);
    expect(counts.b).toBeGreaterThan(8);
    expect(counts.c).toBeGreaterThan(8);
  });

  it('moves only the keys of a failing endpoint', async () => {
    const [x] = stage.dead;
    x.behave(() => ({}));
    await stage.serve('abx', { hashBy: BY_KEY });
    const before = await places(KEYS);
    x.behave(() => ({ drop: true }));
    const failing = await places(KEYS);
    before.forEach((at, i) => expect(failing[i]).toBe(at === 'x' ? failing[i] : at));
    expect(failing).not.toContain('x');
    await until('the endpoint to be left out', async () => ((await stage.out()) === 'x' ? true : undefined));
    expect(await places(KEYS)).toEqual(failing);
  });

  it('joins several pieces, and hashes the joined text', async () => {
    const serve = (pieces: readonly string[]) => stage.serve('abc', { hashBy: { pieces } });
    await serve(['$http_x_key']);
    const whole = await places(KEYS);
    await serve(['$http_x_none', '$http_x_key']);
    expect(await places(KEYS)).toEqual(whole);
    await serve(['key-', '$arg_n']);
    const parts = await Promise.all(KEYS.map(async (_, i) => (await stage.nginx.get(`/?n=${i}`, ID)).body));
    expect(parts).toEqual(whole);
  });

  it('sends all requests to one endpoint if their keys are all the same', async () => {
    await stage.serve('abc', { hashBy: { pieces: ['$http_x_none'] } });
    expect(Object.values(tally(await oneByOne(10, stage.send)))).toEqual([10]);
  });
});

describe('a route with hashBy and a subset', () => {
  it('sends requests with equal keys to the given number of endpoints, chosen at random', async () => {
    await stage.serve('abc', { hashBy: { ...BY_KEY, subset: 2 } });
    for (const key of KEYS.slice(0, 5)) {
      const counts = tally(await oneByOne(40, () => stage.send({ headers: { 'X-Key': key } })));
      expect(Object.keys(counts)).toHaveLength(2);
    }
  });

  it('sends requests to endpoints outside the subset if all endpoints of the subset fail', async () => {
    await stage.serve('axy', { hashBy: { ...BY_KEY, subset: 1 }, tries: 5 });
    expect(new Set(await places(KEYS.slice(0, 10)))).toEqual(new Set(['a']));
  });

  it('may have a subset that is larger than the number of endpoints', async () => {
    await stage.serve('ab', { hashBy: { ...BY_KEY, subset: 9 } });
    expect(Object.keys(tally(await oneByOne(30, () => stage.send())))).toHaveLength(2);
  });
});

it('NGINX accepts every variable in hashBy that the controller allows', async () => {
  const pieces = [...HASH_VARIABLES, 'arg_a', 'cookie_a_1', 'http_x_a'].map((name) => `$${name}`);
  await stage.serve('ab', { hashBy: { pieces } });
  expect((await stage.send()).status).toBe(200);
});

it.each([
  [{ pieces: [] }, 'field "hashBy"'],
  [{ pieces: ['$upstream_addr'] }, 'variable $upstream_addr'],
  [{ pieces: ['$http_'] }, 'variable $http_'],
  [{ pieces: ['$'] }, 'variable $ '],
  [{ pieces: [''] }, 'expected text or a variable'],
  [{ pieces: ['a'], subset: 0 }, '1 to 65535'],
  [{ pieces: ['a'], x: 1 }, 'field "x" is unknown'],
])('a delta whose route has the hashBy %j is refused', async (hashBy, reason) => {
  const text = JSON.stringify({ ...route(null), hashBy });
  await expect(stage.nginx.api.push({ [`r:${ID}`]: { text } })).rejects.toThrow(reason.replaceAll('"', '\\"'));
});

it('the error log of NGINX contains no Lua errors', () => {
  expect(stage.nginx.errorLog()).not.toMatch(/lua entry thread aborted|runtime error|failed to run|failed to load/);
});
