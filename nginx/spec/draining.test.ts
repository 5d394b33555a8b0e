/** Draining workers: workers of earlier generations, which accept no connections but still have clients. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFixture, until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '0000000000000001';
const CLIENTS = 60;

/** A backend whose responses begin but never end. */
let server: Server;
let nginx: Fixture;
let clients: Socket[] = [];
beforeAll(async () => {
  server = createServer((_, outgoing) => {
    outgoing.writeHead(200);
    outgoing.write('begun');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
beforeEach(async () => {
  clients = [];
  nginx = await startFixture({ shutdownTimeout: '60s' });
  const { port } = server.address() as AddressInfo;
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80'), 'b:shop/web/80': endpoints(port) });
  clients = await Promise.all(Array.from({ length: CLIENTS }, openClient));
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await nginx.stop();
});

/** Connects a client, sends a request, and resolves once the beginning of the response has arrived. */
function openClient(): Promise<Socket> {
  return new Promise((resolve, fail) => {
    const socket = connect({ port: nginx.port, host: '127.0.0.1' });
    socket.on('error', fail);
    socket.once('data', () => resolve(socket));
    socket.write(`GET / HTTP/1.1\r\nHost: a.test\r\nX-Route: ${ID}\r\n\r\n`);
  });
}

/** Whether a worker is shutting down, which NGINX writes into the title of the process. */
function isShuttingDown(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('shutting down');
}

function open(): number {
  return clients.filter((client) => !client.closed).length;
}

async function workersOfGeneration(generation: number): Promise<number> {
  const { workers } = await nginx.api.state();
  return workers.filter((worker) => worker.generation === generation).length;
}

describe('POST /v1/end', () => {
  test('closes the connections of workers of that generation one by one, and then the workers exit', async () => {
    const moments = new Set<number>();
    for (const client of clients) client.once('close', () => moments.add(Math.round(performance.now())));
    await nginx.reload();
    await nginx.reload();
    expect([await workersOfGeneration(1), open()]).toEqual([2, CLIENTS]);

    const answer = await nginx.api.send('POST', '/v1/end', '{"generation":1}');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { generation: 1 }]);
    await until('the old workers to end', async () => ((await workersOfGeneration(1)) === 0 ? true : undefined));
    await until('their clients to notice', () => (open() === 0 ? true : undefined));
    // If the two workers closed all their connections at once, there would be only two different times.
    expect(moments.size).toBeGreaterThan(10);
    expect((await nginx.api.state()).closedEarly).toBe(CLIENTS);
    const logged = nginx.errorLog().matchAll(/of generation 1, closed (\d+) connections? early/g);
    expect([...logged].reduce((sum, match) => sum + Number(match[1]), 0)).toBe(CLIENTS);
    expect(await workersOfGeneration(3)).toBe(2);
  });

  test('does not close connections of workers of later generations', async () => {
    const oldest = nginx.workers();
    await nginx.reload();
    await until('the oldest to accept no connections', () => (oldest.every(isShuttingDown) ? true : undefined));
    const later = await openClient();
    await nginx.reload();
    await nginx.api.send('POST', '/v1/end', '{"generation":1}');
    await until('the oldest workers to end', async () => ((await workersOfGeneration(1)) === 0 ? true : undefined));
    expect([later.closed, await workersOfGeneration(2)]).toEqual([false, 1]);
    later.destroy();
  });

  test.each(['{"generation":2}', '{"generation":0}', '{"generation":1.5}', '{"generation":"1"}', '{}', 'x'])(
    'refuses the body %s',
    async (body) => {
      await nginx.reload();
      const answer = await nginx.api.send('POST', '/v1/end', body);
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { error: 'malformed' }]);
      expect(open()).toBe(CLIENTS);
    },
  );
});

test('a draining worker exits when its last client has disconnected', async () => {
  await nginx.reload();
  for (const client of clients) client.destroy();
  await until('the old workers to end', async () => ((await workersOfGeneration(1)) === 0 ? true : undefined));
  expect((await nginx.api.state()).closedEarly).toBe(0);
});
