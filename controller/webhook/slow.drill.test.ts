/** Clients that send slowly, or nothing at all. */
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import { admissionReaders } from '../cluster/index.ts';
import { KEEP_EVERYTHING } from '../types/keeping.ts';
import { createWebhook } from './handler.ts';
import { listenForReviews, type WebhookServer } from './listen.ts';

let server: WebhookServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(): Promise<number> {
  const pair = await issue(['webhook.test']);
  const listening = await listenForReviews({
    host: '127.0.0.1',
    port: 0,
    pair: { current: () => pair, onChange: () => undefined },
    handler: createWebhook({
      review: async () => ({ warnings: [] }),
      newReader: admissionReaders(KEEP_EVERYTHING),
      observe: () => undefined,
      failed: () => undefined,
    }),
    failed: () => undefined,
  });
  if ('obstacle' in listening) throw new Error(listening.obstacle);
  server = listening;
  return listening.port;
}

/** Sends `first` at once, and then `piece` again and again, until the connection is closed. */
async function sendSlowly(
  port: number,
  first: string,
  piece: string,
): Promise<{ readonly received: string; readonly ms: number }> {
  const began = performance.now();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.write(first);
  const timer = setInterval(() => socket.write(piece), 200);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('error', () => undefined);
  });
  clearInterval(timer);
  return { received, ms: performance.now() - began };
}

const HEAD = 'POST / HTTP/1.1\r\nhost: webhook.test\r\ncontent-type: application/json\r\n';

it.each([
  ['a head', `${HEAD}x-long: `, 10_000],
  ['a body', `${HEAD}content-length: 1000\r\n\r\n{`, 15_000],
])('%s that arrives slowly ends the connection', async (_, first, limit) => {
  const { received, ms } = await sendSlowly(await start(), first, 'x');
  expect(received).toMatch(/^HTTP\/1\.1 408 /);
  expect(ms).toBeLessThan(limit + 5_000);
});

it('a connection without a handshake is closed', async () => {
  const port = await start();
  const began = performance.now();
  const socket = connectTcp({ host: '127.0.0.1', port });
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('error', () => undefined);
  });
  expect(performance.now() - began).toBeLessThan(15_000);
});
