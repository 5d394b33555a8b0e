import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isLossless, startLoad } from './load.ts';
import type { Losses } from './load.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function against(serve: (socket: Socket, request: number) => void, kept: number): Promise<Losses> {
  const server = createServer((socket) => {
    let request = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', () => serve(socket, (request += 1)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const load = startLoad({ next: () => ({ port, host: 'a.test', path: '/' }), kept, fresh: 1 - kept, pause: 5 }, 2000);
  await sleep(150);
  const losses = await load.stop();
  server.close();
  return losses;
}

it('startLoad counts complete responses as ok', async () => {
  const losses = await against((socket) => socket.write(OK), 1);
  expect(losses.ok).toBe(losses.requests);
  expect(isLossless(losses)).toBe(true);
});

it('startLoad counts responses with a status of 500 or above, even if they are chunked', async () => {
  const losses = await against((socket) => {
    socket.write('HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n');
  }, 1);
  expect(losses.status5xx).toBe(losses.requests);
  expect(isLossless(losses)).toBe(false);
});

it('startLoad counts an incomplete response as cut', async () => {
  const losses = await against((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok'), 1);
  expect(losses.cut).toBe(losses.requests);
});

it('startLoad counts a new connection that is closed without a response as failed', async () => {
  const losses = await against((socket) => socket.destroy(), 0);
  expect(losses.freshFailed).toBe(losses.requests);
});

it('startLoad does not count a keepalive connection that is closed before the next response as a loss', async () => {
  const losses = await against((socket, request) => (request === 1 ? socket.write(OK) : socket.destroy()), 1);
  expect(losses.reusedClosed).toBeGreaterThan(0);
  expect(losses.ok + losses.reusedClosed).toBe(losses.requests);
  expect(isLossless(losses)).toBe(true);
});
