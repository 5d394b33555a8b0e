/** Which live data NGINX loads from the file live.data if it starts without the controller and the file is damaged. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { selfSigned } from './certificates.ts';
import { startFixture, until } from './fixture.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { batch, digestOf, endpoints, liveFile, route } from './live.ts';
import type { Values } from './live.ts';
import { certificateName } from './request.ts';

const ID = '00000000000000ee';

let nginx: Fixture | undefined;
let backends: readonly [Backend, Backend];
let first: Values;
let second: Values;

beforeAll(async () => {
  backends = [await startBackend('a'), await startBackend('b')];
  first = { 'b:shop/web/80': endpoints(backends[0].port), [`r:${ID}`]: route('shop/web/80') };
  second = { 'b:shop/web/80': endpoints(backends[1].port) };
});

afterEach(() => nginx?.stop());

afterAll(() => Promise.all((backends ?? []).map((backend) => backend.close())));

async function start(options: FixtureOptions): Promise<Fixture> {
  nginx = await startFixture({ workers: 1, ...options });
  return nginx;
}

async function serving(fixture: Fixture): Promise<string> {
  const answer = await fixture.get('/', ID);
  return answer.status === 200 ? (JSON.parse(answer.body) as Seen).backend : String(answer.status);
}

/** The content of a file with one batch. */
function whole(): string {
  return liveFile(first, 7);
}

describe('live.data at the start of NGINX', () => {
  it('is in force from the first response on, including its certificates', async () => {
    const values: Values = { ...first, 'c:_': selfSigned('from-file'), 'n:_': '_', 'n:a.example.com': '_' };
    const text = liveFile(values, 41);
    const fixture = await start({ live: text });
    expect(await serving(fixture)).toBe('a');
    expect(await certificateName(fixture.tlsPort, 'a.example.com')).toBe('from-file');
    const digest = /end 41 (\w+)\n$/.exec(text)?.[1];
    expect(await fixture.api.state()).toMatchObject({ revision: 41, digest });
    expect([...(await fixture.api.keys()).keys()].toSorted()).toEqual(Object.keys(values).toSorted());
    expect(await fixture.api.push(second)).toBe(42);
    expect(await serving(fixture)).toBe('b');
  });

  it('may be missing, and then all requests get 503', async () => {
    const fixture = await start({});
    expect(await serving(fixture)).toBe('503');
    expect(await fixture.api.state()).toMatchObject({ revision: 0, digest: '0'.repeat(32) });
  });

  it('may contain several batches: the last value of a key applies, and a batch may remove keys', async () => {
    const journal =
      liveFile({ ...first, 'b:shop/gone/80': endpoints(1) }, 7) +
      batch(7, second) +
      batch(8, { 'b:shop/gone/80': null });
    const fixture = await start({ live: journal });
    expect(await serving(fixture)).toBe('b');
    expect((await fixture.api.state()).revision).toBe(9);
    expect((await fixture.api.keys()).has('b:shop/gone/80')).toBe(false);
  });

  const damaged: readonly [string, () => string, string, number][] = [
    ['an empty file', () => '', '503', 0],
    ['a file of another kind', () => `something else\n${batch(0, first, 7)}`, '503', 0],
    ['a file that is truncated in the first batch', () => whole().slice(0, -40), '503', 0],
    ['a file that is truncated in a line of the second batch', () => whole() + batch(7, second).slice(0, 60), 'a', 7],
    ['a file that is truncated in the last digest', () => whole() + batch(7, second).slice(0, -3), 'a', 7],
    [
      'a file in which the second batch has no end',
      () => `${whole()}begin 7\nset b:shop/web/80 ${JSON.stringify(endpoints(1))}\n`,
      'a',
      7,
    ],
    [
      'a file that was truncated and then continued in a new line',
      () => `${whole()}begin 7\nset b:shop/web/80 {"endp\n${batch(7, second)}`,
      'b',
      8,
    ],
    [
      'a file that was truncated and then continued in the same line',
      () => `${whole()}begin 7\nset b:shop/web/80 {"endp${batch(7, second)}`,
      'a',
      7,
    ],
    ['a file with a gap between revisions', () => whole() + batch(8, second), 'a', 7],
    ['a file with a damaged line', () => `${whole()}begin 7\nxyz\nend 8 ${digestOf('')}\n`, 'a', 7],
    ['a file with binary data between batches', () => `${whole()}\0\u0001\u0002\n${batch(7, second)}`, 'b', 8],
    [
      'a file with a value that is not JSON',
      () => whole() + batch(7, { 'b:shop/web/80': { text: '{"endpoints":x}' } }),
      '503',
      8,
    ],
    [
      'a file with a value of the wrong shape',
      () => whole() + batch(7, { [`r:${ID}`]: { text: '{"deny":503}' } }),
      '503',
      8,
    ],
  ];
  it.each(damaged)('is applied up to its damaged part: %s', async (_name, text, served, revision) => {
    const fixture = await start({ live: text() });
    expect(await serving(fixture)).toBe(served);
    expect((await fixture.api.state()).revision).toBe(revision);
  });

  it('is applied in part if it does not fit in the shared memory, and the digest is then all zeros', async () => {
    const many: Values = { ...first };
    for (let i = 0; i < 400; i += 1)
      many[`b:shop/s${i}/80`] = endpoints(...Array.from({ length: 40 }, (_, n) => n + 1));
    const fixture = await start({ live: liveFile(many, 7), dict: '256k' });
    expect(await serving(fixture)).toBe('a');
    expect(await fixture.api.state()).toMatchObject({ revision: 7, digest: '0'.repeat(32) });
    expect(fixture.errorLog()).toContain('no memory');
  });
});

describe('live.data at a reload', () => {
  it('is loaded only if its revision is higher than that of the live data in force', async () => {
    const fixture = await start({ live: liveFile(first, 7) });
    const file = join(fixture.run, 'conf/live.data');
    await fixture.api.push(second);
    await fixture.api.push({ 'b:shop/other/80': endpoints(1) });
    await fixture.reload();
    expect(await serving(fixture)).toBe('b');
    expect((await fixture.api.state()).revision).toBe(9);

    writeFileSync(file, liveFile(first, 20));
    await fixture.reload();
    expect(await serving(fixture)).toBe('a');
    expect((await fixture.api.state()).revision).toBe(20);
    expect((await fixture.api.keys()).has('b:shop/other/80')).toBe(false);

    appendFileSync(file, batch(20, second));
    await fixture.reload();
    expect(await serving(fixture)).toBe('b');
  });

  it('replaces live data whose values the old workers have already decoded', async () => {
    const fixture = await start({ live: liveFile(first, 7) });
    expect(await serving(fixture)).toBe('a');
    const slow = fixture.get('/', ID, { headers: { 'X-Delay': '300' } });
    writeFileSync(join(fixture.run, 'conf/live.data'), liveFile({ ...first, ...second }, 8));
    process.kill(fixture.master(), 'SIGHUP');
    await until('revision 8', async () => ((await fixture.api.state()).revision === 8 ? true : undefined));
    expect(await serving(fixture)).toBe('b');
    expect((await slow).status).toBe(200);
  });
});

describe('after all processes of NGINX were killed with SIGKILL', () => {
  it('a restarted NGINX has the same keys and sends requests to the same backend', async () => {
    const fixture = await start({ live: liveFile(first, 7), workers: 2 });
    await fixture.api.push(second);
    appendFileSync(join(fixture.run, 'conf/live.data'), batch(7, second));
    const before = await fixture.api.keys();
    for (const pid of [fixture.master(), ...fixture.workers()]) process.kill(pid, 'SIGKILL');
    await fixture.start();
    expect(await serving(fixture)).toBe('b');
    expect(await fixture.api.keys()).toEqual(before);
    expect(readFileSync(join(fixture.run, 'run/nginx.pid'), 'utf8').trim()).toBe(String(fixture.master()));
  });
});
