/** A reload for another host does not affect WebSockets and HTTP/2 requests. */
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchGenerations } from '../runner/generations.ts';
import { startOneApp } from './one-app.ts';
import type { OneApp } from './one-app.ts';
import { hostOf } from './site.ts';
import { openWebSocket } from './websocket-client.ts';

const SOCKETS = 20;
let app: OneApp;

beforeAll(async () => {
  app = await startOneApp();
}, 60_000);

afterAll(async () => {
  await app?.stop();
});

it('a reload keeps WebSockets open', async () => {
  const open = Array.from({ length: SOCKETS }, () => openWebSocket(app.instance.httpPort, hostOf('app')));
  const sockets = await Promise.all(open);
  const generations = watchGenerations(app.instance.runDir);
  try {
    for (let round = 0; round < 2; round += 1) {
      await app.addHost();
      // Old workers accept connections for another 100 ms, and then only finish their requests.
      await sleep(300);
      const echoes = await Promise.all(sockets.map((socket, i) => socket.echo(`${round} ${i}`)));
      expect(echoes).toEqual(sockets.map((_, i) => `${round} ${i}`));
    }
    expect(generations.reloads()).toBe(2);
    expect(sockets.filter((socket) => socket.closed)).toEqual([]);
  } finally {
    generations.stop();
    for (const socket of sockets) socket.close();
  }
}, 30_000);

/**
 * The status of a response, or `refused` if the server reset the stream without having processed the request. Rejects
 * if the stream ends in another way.
 */
async function get(session: ClientHttp2Session): Promise<number | 'refused'> {
  const stream = session.request({ ':path': '/', ':authority': hostOf('app') });
  stream.resume();
  try {
    const [head] = (await once(stream, 'response')) as [{ ':status'?: number }];
    await once(stream, 'close');
    return head[':status'] ?? 0;
  } catch (error) {
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return 'refused';
    throw error;
  }
}

it('a reload sends GOAWAY to HTTP/2 clients, and the requests that they have sent before get responses', async () => {
  const session = connect(`https://127.0.0.1:${app.instance.httpsPort}`, {
    rejectUnauthorized: false,
    servername: hostOf('app'),
  });
  const goodbyes: number[] = [];
  session.on('goaway', (code: number) => goodbyes.push(code));
  const statuses: (number | 'refused')[] = [];
  const change = app.addHost();
  while (goodbyes.length === 0) {
    statuses.push(await get(session));
    await sleep(2);
  }
  await change;
  session.close();
  // Code 0 is NO_ERROR.
  expect(goodbyes).toEqual([0]);
  // A request may be sent before the GOAWAY arrives. The client then learns that it was not processed (RFC 9113, 6.8).
  if (statuses.at(-1) === 'refused') statuses.pop();
  expect(statuses.length).toBeGreaterThan(0);
  expect(new Set(statuses)).toEqual(new Set([200]));
}, 30_000);
