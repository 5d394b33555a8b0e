/** Requests to the live API about NGINX itself: its master, reloads, and readiness. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import { startFixture, until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints } from './live.ts';
import type { Refusal } from './refusal.ts';
import { request } from './request.ts';

let nginx: Fixture;
let status: number;

beforeAll(async () => {
  status = await freePort();
  nginx = await startFixture({
    http: `server { listen 127.0.0.1:${status}; location = /ready { content_by_lua_block { tidegate.ready() } } }`,
  });
});

afterAll(async () => {
  await nginx?.stop();
});

async function ready(): Promise<string> {
  const answer = await request({ port: status, path: '/ready' });
  return `${answer.status} ${answer.body.trim()}`;
}

async function refusedReload(body: string): Promise<[number, string]> {
  const answer = await nginx.api.send('POST', '/v1/reload', body);
  return [answer.status, (JSON.parse(answer.body) as Refusal).error];
}

it('GET /v1/state contains the pid and start time of the master', async () => {
  const [pid, start] = readFileSync(join(nginx.run, 'run/master'), 'utf8').trim().split(' ');
  expect((await nginx.api.state()).master).toMatchObject({ pid: Number(pid), start });
});

describe('POST /v1/reload', () => {
  it.each(['', '[]', '{}', '{"conf":1}', '{"conf":"0123"}', '{"conf":"0123456789ABCDEF"}', '{"conf":"%s"}'])(
    'is refused if its body contains no valid hash of nginx.conf: %s',
    async (body) => {
      expect(await refusedReload(body)).toEqual([400, 'malformed']);
    },
  );

  it('is refused if its hash is not the hash that nginx.conf contains', async () => {
    expect(await refusedReload('{"conf":"00000000000000aa"}')).toEqual([409, 'mismatch']);
    expect((await nginx.api.state()).generation).toBe(1);
  });

  it('is refused if nginx.conf contains no hash or does not exist', async () => {
    const path = join(nginx.run, 'conf/nginx.conf');
    const conf = readFileSync(path, 'utf8');
    writeFileSync(path, conf.replace('# Configuration checksum', '# Checksum'));
    expect(await refusedReload('{"conf":"0123456789abcdef"}')).toEqual([500, 'unreadable']);
    rmSync(path);
    expect(await refusedReload('{"conf":"0123456789abcdef"}')).toEqual([500, 'unreadable']);
    writeFileSync(path, conf);
  });

  it('reloads NGINX if the workers run as the same user as the master, and is refused otherwise', async () => {
    const answer = await nginx.api.send('POST', '/v1/reload', '{"conf":"0123456789abcdef"}');
    if (process.getuid?.() === 0) {
      expect([answer.status, (JSON.parse(answer.body) as Refusal).error]).toEqual([500, 'not-permitted']);
      expect((await nginx.api.state()).generation).toBe(1);
    } else {
      expect([answer.status, answer.body]).toEqual([202, '{"generation":1}\n']);
      await until('generation 2', async () => ((await nginx.api.state()).generation === 2 ? true : undefined));
    }
  });
});

describe('readiness (GET /ready)', () => {
  it('begins when NGINX has live data, and ends while NGINX is draining, even after a reload', async () => {
    expect(await ready()).toBe('503 no live data yet');
    await nginx.api.push({ 'b:shop/web/80': endpoints(1) });
    expect(await ready()).toBe('200 ready');
    expect(await nginx.api.send('POST', '/v1/drain', '{"draining":true}')).toMatchObject({
      status: 200,
      body: '{"draining":true}\n',
    });
    expect(await ready()).toBe('503 draining');
    expect((await nginx.api.state()).draining).toBe(true);
    await nginx.reload();
    expect(await ready()).toBe('503 draining');
    await nginx.api.send('POST', '/v1/drain', '{"draining":false}');
    expect(await ready()).toBe('200 ready');
  });

  it.each(['', '{}', '{"draining":"true"}', '{"draining":1}', '{"draining":null}'])(
    'is not changed by an invalid body of POST /v1/drain: %s',
    async (body) => {
      const answer = await nginx.api.send('POST', '/v1/drain', body);
      expect([answer.status, (JSON.parse(answer.body) as Refusal).error]).toEqual([400, 'malformed']);
      expect(await ready()).toBe('200 ready');
    },
  );
});

it('GET /v1/state shows whether the master is idle or reads nginx.conf', async () => {
  const master = async () => (await nginx.api.state()).master;
  await until('the master to wait', async () => ((await master()).idle ? true : undefined));
  const { generation } = await nginx.api.state();
  process.kill(nginx.master(), 'SIGHUP');
  await until('the master to read', async () => ((await master()).idle ? undefined : true));
  const after = await until('the master to wait again', async () => {
    const state = await nginx.api.state();
    return state.master.idle ? state : undefined;
  });
  expect(Math.max(...after.workers.map((worker) => worker.generation))).toBe(generation + 1);
});
