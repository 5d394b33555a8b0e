/** The live API: which requests it accepts, which requests it refuses, and that a refused request changes nothing. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveBackend } from '../../controller/types/live.ts';
import { selfSigned } from './certificates.ts';
import type { Refusal } from './refusal.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { batch, endpoints, route } from './live.ts';
import type { Values } from './live.ts';
import { ID, startOneRoute } from './one-route.ts';
import type { OneRoute } from './one-route.ts';

let one: OneRoute;
let nginx: Fixture;

beforeAll(async () => {
  one = await startOneRoute();
  ({ nginx } = one);
});

afterAll(() => one?.stop());

describe('the live API', () => {
  it('answers GET /v1/state with the revision and nginx.conf in force, the memory, and the workers', async () => {
    const state = await nginx.api.state();
    expect(state).toMatchObject({ conf: '0123456789abcdef', generation: 1, revision: 1 });
    expect(state.digest).toMatch(/^[0-9a-f]{32}$/);
    expect(state.free).toBeLessThan(state.capacity);
    expect(state.capacity).toBe(8 * 1024 * 1024);
    expect(new Set(state.workers.map((worker) => worker.pid))).toEqual(new Set(nginx.workers()));
    expect(state.workers.map(({ id, count, generation }) => ({ id, count, generation }))).toEqual([
      { id: 0, count: 2, generation: 1 },
      { id: 1, count: 2, generation: 1 },
    ]);
  });

  it('answers GET /v1/keys with the keys and the MD5 of their values, and never with a private key', async () => {
    await nginx.api.push({ 'c:shop/tls': selfSigned('a') });
    const keys = await nginx.api.keys();
    const text = JSON.stringify(route('shop/web/80'));
    expect(keys.get(`r:${ID}`)).toBe(createHash('md5').update(text).digest('hex'));
    expect([...keys.keys()].toSorted()).toEqual(['b:shop/web/80', 'c:shop/tls', `r:${ID}`]);
    for (const path of ['/v1/state', '/v1/keys', '/v1/keys?key=c:shop/tls']) {
      expect((await nginx.api.send('GET', path)).body).not.toContain('PRIVATE KEY');
    }
    await nginx.api.push({ 'c:shop/tls': null });
  });

  it('answers 404 for an unknown path, and 405 for a method that the path does not have', async () => {
    expect((await nginx.api.send('GET', '/')).status).toBe(404);
    expect((await nginx.api.send('GET', '/v1/keys/c:shop')).status).toBe(404);
    const answer = await nginx.api.send('DELETE', '/v1/state');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
    expect((await nginx.api.send('GET', '/v1/delta')).status).toBe(405);
  });
});

describe('a delta', () => {
  it('sets keys, removes keys and increments the revision', async () => {
    const revision = await one.base();
    const text = batch(revision, { 'b:shop/new/80': endpoints(1), 'b:shop/gone/80': null });
    expect(await nginx.api.post(text)).toMatchObject({ status: 200, body: `{"revision":${revision + 1}}\n` });
    expect((await nginx.api.keys()).has('b:shop/new/80')).toBe(true);
    expect((await nginx.api.state()).digest).toBe(/end \d+ (\w+)\n$/.exec(text)?.[1]);
    await nginx.api.push({ 'b:shop/new/80': null });
    expect((await nginx.api.keys()).has('b:shop/new/80')).toBe(false);
  });

  it('may be empty', async () => {
    const revision = await one.base();
    expect((await nginx.api.post(batch(revision, {}))).status).toBe(200);
    expect(await one.base()).toBe(revision + 1);
  });

  it('is refused if a delta with the same base takes effect first, and is accepted with the new base', async () => {
    const revision = await one.base();
    const both = await Promise.all([
      nginx.api.post(batch(revision, { 'b:shop/x/80': endpoints(1) })),
      nginx.api.post(batch(revision, { 'b:shop/y/80': endpoints(2) })),
    ]);
    expect(both.map((answer) => answer.status).toSorted()).toEqual([200, 409]);
    const later = both[0]?.status === 200 ? { 'b:shop/y/80': endpoints(2) } : { 'b:shop/x/80': endpoints(1) };
    expect((await nginx.api.post(batch(revision + 1, later))).status).toBe(200);
    const keys = await nginx.api.keys();
    expect([keys.has('b:shop/x/80'), keys.has('b:shop/y/80')]).toEqual([true, true]);
  });

  it('is refused if its base is not the current revision', async () => {
    const revision = await one.base();
    for (const wrong of [revision - 1, revision + 1, 0]) {
      const refusal = await one.refused(batch(wrong, { 'b:shop/web/80': endpoints(1) }), 409);
      expect(refusal.error).toBe('stale');
    }
  });

  it('waits at most half a second for another writer, and is then refused with 503', async () => {
    const revision = await one.base();
    const held = nginx.api.send('POST', '/fault/hold-lock');
    await new Promise((done) => setTimeout(done, 100));
    const answer = await nginx.api.post(batch(revision, {}));
    expect(answer.status).toBe(503);
    expect((JSON.parse(answer.body) as Refusal).error).toBe('busy');
    expect((await held).status).toBe(200);
    expect((await nginx.api.post(batch(revision, {}))).status).toBe(200);
  });
});

/** A delta of exactly this number of bytes. */
function large(revision: number, bytes: number): string {
  const text = batch(revision, { 'b:shop/large/80': { endpoints: [['127.0.0.1', 80, 1]] } });
  return text.replace('{"endpoints"', `${' '.repeat(bytes - text.length)}{"endpoints"`);
}

describe('a delta that takes a long time to check', () => {
  it('pauses so that the worker handles other requests, without a warning of the Lua module', async () => {
    const small = await startFixture({ workers: 1 });
    try {
      const entries: Record<string, LiveBackend> = {};
      for (let n = 0; n < 400; n += 1)
        entries[`b:shop/many${n}/80`] = {
          endpoints: Array.from({ length: 60 }, (_, m) => [`10.${m}.${n >> 8}.${n & 255}`, 8080, 1] as const),
        };
      const ended: string[] = [];
      const note = (what: string) => () => ended.push(what);
      const long = small.api.post(batch((await small.api.state()).revision, entries)).finally(note('delta'));
      // The worker answers this request when the check of the delta pauses, however long the whole check takes.
      const short = small.api.state().finally(note('state'));
      expect((await long).status).toBe(200);
      await short;
      expect(ended).toEqual(['state', 'delta']);
      expect((await small.api.send('GET', '/v1/keys')).body.split('\n').length).toBeGreaterThan(400);
      expect(small.errorLog()).not.toContain('ngx.sleep');
    } finally {
      await small.stop();
    }
  });
});

describe('an oversized delta', () => {
  it('is refused above 1 MiB and accepted at 1 MiB', async () => {
    const refusal = await one.refused(large(await one.base(), 1024 * 1024 + 1), 413);
    expect(refusal.error).toBe('oversized');
    expect((await nginx.api.post(large(await one.base(), 1024 * 1024))).status).toBe(200);
    await nginx.api.push({ 'b:shop/large/80': null });
  });

  it('is refused even if it is sent with chunked encoding', async () => {
    const { request } = await import('./request.ts');
    const answer = await request({
      socketPath: `${nginx.run}/run/api/live.sock`,
      method: 'POST',
      path: '/v1/delta',
      body: large(await one.base(), 1024 * 1024 + 1),
      headers: { 'Transfer-Encoding': 'chunked' },
    });
    expect([answer.status, (JSON.parse(answer.body) as Refusal).error]).toEqual([413, 'oversized']);
  });
});

/** A backend whose JSON text is padded with spaces. */
function padded(port: number, bytes: number): { readonly text: string } {
  return { text: `{"endpoints":[["127.0.0.1",${port},1]]${' '.repeat(bytes)}}` };
}

describe('if the shared memory of the live data is full', () => {
  it('a delta is refused and changes no value, and a delta that needs no additional memory is accepted', async () => {
    const small = await startFixture({ workers: 2, dict: '256k' });
    try {
      await small.api.push({ 'b:shop/web/80': endpoints(one.backend.port), [`r:${ID}`]: route('shop/web/80') });
      let count = 0;
      let answer = await small.api.post(batch(1, { [`b:fill/${count}/80`]: padded(1, 1500) }));
      while (answer.status === 200 && count < 500) {
        count += 1;
        const { revision } = await small.api.state();
        answer = await small.api.post(batch(revision, { [`b:fill/${count}/80`]: padded(1, 1500) }));
      }
      expect([answer.status, (JSON.parse(answer.body) as Refusal).error]).toEqual([507, 'no-space']);
      expect(count).toBeGreaterThan(20);
      const before = [await small.api.state(), await small.api.keys()] as const;

      // A delta that is slightly too large is refused while NGINX writes it, and one that is far too large is refused
      // earlier.
      for (const bytes of [9_000, 200_000]) {
        const values: Values = { 'b:shop/web/80': padded(1, 10), 'b:fill/0/80': padded(2, bytes), 'b:fill/1/80': null };
        const refusal = await small.api.post(batch(before[0].revision, values));
        expect([refusal.status, (JSON.parse(refusal.body) as Refusal).error]).toEqual([507, 'no-space']);
        expect(await small.api.keys()).toEqual(before[1]);
        expect(await small.api.state()).toMatchObject({ revision: before[0].revision, digest: before[0].digest });
        for (let i = 0; i < 4; i += 1) expect((await small.get('/', ID)).status).toBe(200);
      }

      // Values of the same size need no more space; nothing was evicted.
      for (let i = 0; i < 20; i += 1) await small.api.push({ 'b:fill/3/80': padded(i + 1, 1500) });
      await small.api.push({ 'b:fill/1/80': null, 'b:fill/2/80': null });
      await small.api.push({ 'b:fill/x/80': padded(1, 1500) });
      expect((await small.api.keys()).size).toBe(before[1].size - 1);
    } finally {
      await small.stop();
    }
  });
});
