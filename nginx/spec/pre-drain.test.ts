/** How a reload affects clients with keepalive connections: old workers announce that they will close a connection. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConnection } from '../../e2e/client/connection.ts';
import type { Exchange } from '../../e2e/client/connection.ts';
import { isLossless, startLoad } from '../../e2e/client/load.ts';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { startFixture, until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '0000000000000001';

let backend: Backend;
let nginx: Fixture;
beforeEach(async () => {
  backend = await startBackend('web');
  nginx = await startFixture();
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80'), 'b:shop/web/80': endpoints(backend.port) });
});
afterEach(async () => {
  await nginx.stop();
  await backend.close();
});

function target(): Parameters<typeof openConnection>[0] {
  return { port: nginx.port, host: 'a.test', path: '/', headers: { 'X-Route': ID } };
}

function closes(exchange: Exchange): boolean {
  if (exchange.kind !== 'answer') throw new Error(`${exchange.kind}: ${exchange.detail}`);
  return exchange.answer.closes;
}

/**
 * Makes the master read an nginx.conf that it cannot apply, because another process uses the port. Returns a function
 * that frees the port.
 */
async function failingReload(): Promise<() => Promise<void>> {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  const path = join(nginx.run, 'conf/nginx.conf');
  const conf = readFileSync(path, 'utf8');
  writeFileSync(path, conf.replace(/\}\s*$/, `server { listen 127.0.0.1:${port}; }\n}\n`));
  process.kill(nginx.master(), 'SIGHUP');
  return () => new Promise((done) => other.close(() => done()));
}

/** Announces a reload, as the controller does; then the time passes that NGINX takes to read a large nginx.conf. */
async function announce(): Promise<void> {
  expect((await nginx.api.send('POST', '/v1/announce', '')).status).toBe(200);
  await sleep(150);
}

describe.each([
  [0, false],
  [20, false],
  [20, true],
  [120, false],
])('with clients that pause for %i ms between requests, announced to NGINX: %s', (pause, announced) => {
  test('reloads lose no request, and close few keepalive connections without an announcement', async () => {
    const load = startLoad({ next: target, kept: 16, fresh: 1, pause }, 20_000);
    await sleep(200);
    for (let i = 0; i < 4; i += 1) {
      if (announced) await announce();
      await nginx.reload();
      await sleep(250);
    }
    const losses = await load.stop();
    expect(losses.examples).toEqual([]);
    expect(isLossless(losses)).toBe(true);
    expect(losses.inUseClosed).toBe(0);
    // On a busy machine, some clients may not send a request in time. Without the announcement, each reload would close
    // nearly all connections.
    expect(losses.reusedClosed + losses.idleClosed).toBeLessThan(16);
  });
});

test('while an announced reload is being read, only connections that are older than the announcement are closed', async () => {
  const older = openConnection(target(), true);
  expect(closes(await older.request(target(), 2000))).toBe(false);
  await announce();
  const newer = openConnection(target(), true);
  try {
    expect(closes(await older.request(target(), 2000))).toBe(true);
    expect(closes(await newer.request(target(), 2000))).toBe(false);
    await sleep(150);
    expect(closes(await newer.request(target(), 2000))).toBe(false);
  } finally {
    older.close();
    newer.close();
  }
});

test('new workers keep connections open after a reload', async () => {
  await nginx.reload();
  await until('old workers to go', () => (nginx.workers().length === 2 ? true : undefined));
  const connection = openConnection(target(), true);
  try {
    for (let i = 0; i < 3; i += 1) {
      const exchange = await connection.request(target(), 2000);
      expect([exchange.kind, exchange.kind === 'answer' && exchange.answer.closes]).toEqual(['answer', false]);
    }
  } finally {
    connection.close();
  }
});

describe('a reload that fails because a port is in use', () => {
  test('makes workers close keepalive connections only for a limited time', async () => {
    const before = openConnection(target(), true);
    expect(closes(await before.request(target(), 2000))).toBe(false);
    const release = await failingReload();
    try {
      await until('a goodbye', async () => (closes(await before.request(target(), 2000)) ? true : undefined));
      await until('connections that are kept', async () => {
        const connection = openConnection(target(), true);
        try {
          if (closes(await connection.request(target(), 2000))) return undefined;
          await sleep(100);
          return closes(await connection.request(target(), 2000)) ? undefined : true;
        } finally {
          connection.close();
        }
      });
      expect((await nginx.api.state()).generation).toBe(1);
    } finally {
      await release();
    }
  });

  test('does not change the method and headers of requests', async () => {
    const release = await failingReload();
    try {
      for (const [method, browser] of [
        ['GET', undefined],
        ['HEAD', 'one/1'],
        ['POST', 'MSIE 9.0'],
        ['DELETE', 'three/3'],
      ] as const) {
        const said = await until('a goodbye', async () => {
          const agent = new Agent({ keepAlive: true, maxSockets: 1 });
          try {
            const headers: Record<string, string> = browser === undefined ? {} : { 'User-Agent': browser };
            const options = { method, headers, agent };
            await nginx.get('/', ID, options);
            await sleep(20);
            const answer = await nginx.get('/echo', ID, options);
            return answer.headers.connection === 'close' ? answer : undefined;
          } finally {
            agent.destroy();
          }
        });
        expect(said.status).toBe(200);
        if (method === 'HEAD') continue;
        const seen = JSON.parse(said.body) as Seen;
        expect([seen.method, seen.headers['user-agent'], seen.url]).toEqual([method, browser, '/echo']);
      }
    } finally {
      await release();
    }
  });
});
