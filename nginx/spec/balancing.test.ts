/** How requests are distributed over endpoints, and what happens when one of them fails. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '00000000000000bb';

let nginx: Fixture;
let backends: Backend[];
let closed: number[];

beforeAll(async () => {
  backends = await Promise.all(['a', 'b', 'c'].map((name) => startBackend(name)));
  closed = [await freePort(), await freePort()];
  nginx = await startFixture({ workers: 1 });
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
});

afterAll(async () => {
  await nginx?.stop();
  await Promise.all((backends ?? []).map((backend) => backend.close()));
});

function ports(): number[] {
  return backends.map((backend) => backend.port);
}

/**
 * Sends this number of requests and counts the answers of each backend. Answers with a status other than 200 are
 * counted by their status.
 */
async function spread(requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i += 1) {
    const answer = await nginx.get('/', ID);
    const name = answer.status === 200 ? (JSON.parse(answer.body) as Seen).backend : String(answer.status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('requests', () => {
  it('are distributed round robin over endpoints of equal weight', async () => {
    await nginx.api.push({ 'b:shop/web/80': endpoints(...ports()) });
    expect(await spread(30)).toEqual({ a: 10, b: 10, c: 10 });
  });

  it('are distributed exactly in proportion to the weights', async () => {
    const [a = 0, b = 0, c = 0] = ports();
    await nginx.api.push({ 'b:shop/web/80': endpoints([a, 5], [b, 2], [c, 1]) });
    expect(await spread(32)).toEqual({ a: 20, b: 8, c: 4 });
    await nginx.api.push({ 'b:shop/web/80': endpoints([a, 1], [b, 99]) });
    expect(await spread(100)).toEqual({ a: 1, b: 99 });
  });

  it('reach an endpoint with an IPv6 address', async () => {
    const six = await startBackend('six', '::1');
    await nginx.api.push({ 'b:shop/web/80': { endpoints: [['::1', six.port, 1]] } });
    expect(await spread(2)).toEqual({ six: 2 });
    await six.close();
  });
});

describe('an attempt that fails', () => {
  it('is followed by an attempt at another endpoint', async () => {
    const [a = 0] = ports();
    await nginx.api.push({ 'b:shop/web/80': endpoints(...closed, a) });
    expect(await spread(12)).toEqual({ a: 12 });
    const answer = await nginx.get('/', ID);
    const tried = String(answer.headers['x-upstream-addr']).split(', ');
    expect(new Set(tried).size).toBe(tried.length);
  });

  it("is followed by more attempts, up to the number in the route's field `tries`", async () => {
    await nginx.api.push({ 'b:shop/web/80': endpoints(...closed, 1), [`r:${ID}`]: route('shop/web/80', { tries: 2 }) });
    const answer = await nginx.get('/', ID);
    expect(answer.status).toBe(502);
    expect(String(answer.headers['x-upstream-addr']).split(', ')).toHaveLength(2);
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { tries: 1 }) });
    expect(String((await nginx.get('/', ID)).headers['x-upstream-addr'])).not.toContain(',');
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { tries: 9 }) });
    expect(String((await nginx.get('/', ID)).headers['x-upstream-addr']).split(', ')).toHaveLength(3);
  });

  it('is repeated at a backend with only one endpoint if that endpoint closed the keepalive connection', async () => {
    const closer = await closingServer();
    await nginx.api.push({ 'b:shop/web/80': endpoints(closer.port), [`r:${ID}`]: route('shop/web/80') });
    const statuses: number[] = [];
    for (let i = 0; i < 10; i += 1) statuses.push((await nginx.get('/', ID)).status);
    expect(statuses).toEqual(Array(10).fill(200));
    expect(closer.dropped()).toBeGreaterThan(0);
    closer.server.close();
  });

  it('may be one that exceeded a timeout of the route', async () => {
    const [a = 0] = ports();
    await nginx.api.push({
      'b:shop/web/80': endpoints(a),
      [`r:${ID}`]: route('shop/web/80', { timeouts: [1000, 1000, 150] }),
    });
    const started = performance.now();
    expect((await nginx.get('/', ID, { headers: { 'X-Delay': '1000' } })).status).toBe(504);
    expect(performance.now() - started).toBeLessThan(800);
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
    expect((await nginx.get('/', ID, { headers: { 'X-Delay': '400' } })).status).toBe(200);
  });

  it('leads to 502 if the endpoints are removed while the body of the request arrives', async () => {
    const [a = 0] = ports();
    await nginx.api.push({ 'b:shop/web/80': endpoints(a), [`r:${ID}`]: route('shop/web/80') });
    const status = await slowUpload(nginx.port, async () => {
      await nginx.api.push({ 'b:shop/web/80': endpoints() });
    });
    expect(status).toBe('HTTP/1.1 502 Bad Gateway');
  });

  it("leaves no Lua errors in NGINX's error log", () => {
    expect(nginx.errorLog()).not.toMatch(/lua entry thread aborted|runtime error|failed to run balancer/);
  });
});

/**
 * Starts a server that answers the first request of each connection, and closes the connection at the second request.
 */
async function closingServer(): Promise<{ port: number; server: Server; dropped: () => number }> {
  let dropped = 0;
  const server = createServer((socket) => {
    let answered = false;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      if (answered) {
        dropped += 1;
        socket.destroy();
        return;
      }
      answered = true;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, server, dropped: () => dropped };
}

/** Sends half of a body, runs `meanwhile`, and sends the other half. Returns the status line of the response. */
async function slowUpload(port: number, meanwhile: () => Promise<void>): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
  const answer = new Promise<string>((done, fail) => {
    socket.on('data', (chunk: Buffer) => done(chunk.toString().split('\r\n')[0] ?? ''));
    socket.on('error', fail);
  });
  socket.write(`POST / HTTP/1.1\r\nHost: h\r\nX-Route: ${ID}\r\nContent-Length: 10\r\nConnection: close\r\n\r\n12345`);
  await new Promise((done) => setTimeout(done, 100));
  await meanwhile();
  socket.write('67890');
  const status = await answer;
  socket.destroy();
  return status;
}
