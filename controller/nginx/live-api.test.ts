/** How the client of the live API handles the responses of a worker that misbehaves. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveApi } from './live-api.ts';
import type { LiveApi } from './live-api.ts';

let folder: string;
let server: Server;
let api: LiveApi;
let answer: (response: ServerResponse) => void;
let cut: Promise<number>;

const TIMEOUT_MS = 200;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-answers-'));
  server = createServer((_, response) => {
    cut = new Promise((resolve) => {
      response.on('close', () => resolve(response.socket?.bytesWritten ?? 0));
    });
    answer(response);
  });
  await once(server.listen(join(folder, 'live.sock')), 'listening');
  api = createLiveApi(join(folder, 'live.sock'), TIMEOUT_MS);
});
afterEach(async () => {
  await api.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends for as long as the client reads. */
function endless(response: ServerResponse): void {
  const part = Buffer.alloc(64 * 1024, 'x');
  const send = (): void => {
    while (!response.destroyed && response.write(part));
    if (!response.destroyed) response.once('drain', send);
  };
  send();
}

const CALLS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['state', () => api.state()],
  ['keys', () => api.keys()],
  ['delta', () => api.delta('begin 0\nend 1 0\n')],
  ['reload', () => api.reload('0')],
  ['drain', () => api.drain(true)],
  ['end', () => api.end(1)],
  ['leftOutEndpoints', () => api.leftOutEndpoints()],
];

test.each(CALLS)('an endless response to the call %s is aborted', async (_, call) => {
  answer = endless;
  expect(await call()).toMatchObject({
    ok: false,
    kind: 'unreachable',
    message: expect.stringContaining('longer than') as string,
  });
  // The kernel's receive buffer accepts some bytes in addition to the limit.
  expect(await cut).toBeLessThan(80 * 1024 * 1024);
});

test('endpoints are returned only if the worker leaves them out', async () => {
  const endpoint = { backend: 'shop/web/80', endpoint: '10.0.0.1:80', out: true, probe: 2.5, fails: 3 };
  answer = (response) =>
    response.end(JSON.stringify({ pid: 1, worker: 0, endpoints: [endpoint, { ...endpoint, out: false }] }));
  expect(await api.leftOutEndpoints()).toEqual({
    ok: true,
    value: [{ backend: 'shop/web/80', endpoint: '10.0.0.1:80', seconds: 2.5 }],
  });
});

test('an endless response with an error status is aborted', async () => {
  answer = (response) => {
    response.statusCode = 409;
    endless(response);
  };
  expect(await api.delta('begin 0\nend 1 0\n')).toMatchObject({ ok: false, kind: 'unreachable' });
});

test('a response that arrives too slowly is aborted', async () => {
  answer = (response) => {
    const timer = setInterval(() => response.write(' '), TIMEOUT_MS / 4);
    response.on('close', () => clearInterval(timer));
  };
  expect(await api.state()).toMatchObject({ ok: false, kind: 'unreachable' });
});

test('a response with 100,000 keys, as in a large installation, is read completely', async () => {
  const line = `r:0123456789abcdef ${'0'.repeat(32)}\n`;
  answer = (response) => {
    for (let n = 0; n < 100_000; n += 1) response.write(line.replace('0123456789', String(n).padStart(10, '0')));
    response.end();
  };
  const patient = createLiveApi(join(folder, 'live.sock'), 20_000);
  const keys = await patient.keys();
  await patient.close();
  expect(keys.ok && keys.value.size).toBe(100_000);
});
