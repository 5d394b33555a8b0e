/** What the workers count about requests is what clients have sent, also across reloads and killed workers. */
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { METHODS, measuresText } from '../../controller/types/request-metrics.ts';
import { startBackend } from './backends.ts';
import type { Backend } from './backends.ts';
import { askFor, type Counter, createCounter, MEASURES } from './counted.ts';
import { startFixture } from './fixture.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { endpoints, route } from './live.ts';
import { killProcess } from './processes.ts';

const ID = '00000000000000aa';
const CANARY = '00000000000000ca';
const GONE = '00000000000000ee';
const AUTH = '00000000000000a0';
const UNKNOWN = '00000000000000ff';
const WEB = 'shop/web/80';
/** The interval at which workers write, with room for a busy machine. */
const FLUSH_MS = 1500;

let backend: Backend;
let nginx: Fixture;
let counter: Counter;

beforeAll(async () => {
  backend = await startBackend('web');
});
afterEach(() => nginx?.stop());
afterAll(() => backend.close());

async function start(options: FixtureOptions = {}): Promise<void> {
  nginx = await startFixture({ metrics: measuresText(MEASURES), ...options });
  counter = createCounter(nginx);
  await nginx.api.push({
    [`b:${WEB}`]: endpoints(backend.port),
    'b:shop/beta/80': endpoints(backend.port),
    'b:shop/empty/80': endpoints(),
    [`r:${ID}`]: route(WEB),
    [`r:${AUTH}`]: route('shop/beta/80'),
    [`r:${GONE}`]: route('shop/empty/80'),
    [`r:${CANARY}`]: route(WEB, {
      canaries: [
        { backend: 'shop/beta/80', balance: 'round_robin', weight: 0, total: 100, header: { name: 'X-Canary' } },
      ],
    }),
  });
}

/** Sends `count` requests, at most 20 at a time. Returns the statuses of the responses. */
async function send(
  count: number,
  options: Parameters<Fixture['get']>[2] = {},
  id = ID,
  path = '/',
): Promise<readonly number[]> {
  let left = count;
  const statuses: number[] = [];
  await Promise.all(
    Array.from({ length: Math.min(20, count) }, async () => {
      while (left > 0) {
        left -= 1;
        statuses.push((await nginx.get(path, id, options)).status);
      }
    }),
  );
  return statuses;
}

describe('series', () => {
  it('counts each request by route, service, canary, method and status', async () => {
    await start();
    await send(30);
    await send(7, { method: 'POST', body: 'hello' });
    await send(5, { headers: { 'X-Answer': '404' } });
    await send(3, { headers: { 'X-Answer': '503' } });
    await send(4, {}, GONE);
    await send(6, { headers: { 'X-Canary': 'always' } }, CANARY);
    await send(2, { headers: { 'X-Canary': 'never' } }, CANARY);
    await send(8, {}, UNKNOWN);
    await send(9, {}, ID, '/static');
    await counter.reach(74);
    expect(counter.requests()).toEqual({
      [`${ID} ${WEB} - GET 200`]: 30,
      [`${ID} ${WEB} - POST 200`]: 7,
      [`${ID} ${WEB} - GET 404`]: 5,
      [`${ID} ${WEB} - GET 503`]: 3,
      [`${GONE} shop/empty/80 - GET 503`]: 4,
      [`${CANARY} ${WEB} shop-beta-80 GET 200`]: 6,
      [`${CANARY} ${WEB} - GET 200`]: 2,
      [`${UNKNOWN} - - GET 503`]: 8,
      '- - - GET 200': 9,
    });
    expect([counter.folded(), counter.refused()]).toEqual([0, 0]);
  });

  it('does not count subrequests, requests of the live API, or anything twice', async () => {
    await start();
    await send(10, { headers: { 'X-Auth-Route': AUTH } }, ID, '/authenticated/');
    const [status] = await send(5, { headers: { 'X-Answer': '503' } }, ID, '/pages/');
    await counter.reach(15);
    await sleep(FLUSH_MS);
    await counter.fetch();
    // In the specs' nginx.conf, the location of the subrequest sets the route of the whole request.
    expect(counter.requests()).toEqual({
      [`${AUTH} shop/beta/80 - GET 200`]: 10,
      [`${ID} ${WEB} - GET ${status}`]: 5,
    });
  });

  it('counts requests of another Service separately as soon as the Service of the route changes', async () => {
    await start();
    await send(5);
    await nginx.api.push({ [`r:${ID}`]: route('shop/beta/80') });
    await send(6);
    await counter.reach(11);
    expect(counter.requests()).toEqual({ [`${ID} ${WEB} - GET 200`]: 5, [`${ID} shop/beta/80 - GET 200`]: 6 });
  });

  it('counts retries by route', async () => {
    await start({ workers: 1 });
    await nginx.api.push({ 'b:shop/half/80': endpoints(9, backend.port), [`r:${GONE}`]: route('shop/half/80') });
    const statuses = await send(6, {}, GONE);
    await send(4);
    await counter.reach(10);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    await counter.fetch();
    const { [`${GONE} retry`]: retries = 0, ...others } = counter.events();
    expect(retries).toBeGreaterThan(0);
    expect(retries).toBeLessThanOrEqual(6);
    expect(others).toEqual({});
  });

  it('measures times and sizes', async () => {
    await start();
    await send(4);
    await send(3, { headers: { 'X-Delay': '60' } });
    await send(2, { method: 'POST', body: 'x'.repeat(3000) });
    await send(5, {}, ID, '/static');
    await counter.reach(14);
    const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
    const time = counter.histogram('request_duration_seconds');
    expect(sum(time.buckets)).toBe(14);
    expect(time.buckets[1]).toBe(3);
    expect(time.sum).toBeGreaterThanOrEqual(180);
    expect(time.sum).toBeLessThan(1000);
    // Without a backend there are no times of a backend.
    for (const name of ['response_duration_seconds', 'header_duration_seconds', 'connect_duration_seconds'] as const)
      expect([name, sum(counter.histogram(name).buckets)]).toEqual([name, 9]);
    const request = counter.histogram('request_size');
    expect(request.buckets[0]).toBe(0);
    expect(sum(request.buckets)).toBe(14);
    expect(request.sum).toBeGreaterThan(6000);
    expect(request.sum).toBeLessThan(6000 + 14 * 200);
    const sent = counter.histogram('bytes_sent');
    expect(counter.histogram('response_size').sum).toBe(sent.sum);
    expect(sum(sent.buckets)).toBe(14);
    // The backend repeats the body.
    expect(sent.buckets[2]).toBe(2);
  });
});

/** Sends bytes, and waits until NGINX closes the connection. */
function sendRaw(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: nginx.port }, () => socket.end(bytes));
    socket
      .resume()
      .on('error', () => undefined)
      .on('close', () => resolve());
  });
}

it('counts requests that NGINX cannot read, and clients that give up', async () => {
  await start({ workers: 1 });
  await sendRaw('\u0001\u0002\r\n\r\n');
  await sendRaw(`GET / HTTP/1.1\r\nHost: a b\r\n\r\n`);
  await sendRaw(`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  const slow = connect({ host: '127.0.0.1', port: nginx.port }, () =>
    slow.write(`GET / HTTP/1.1\r\nHost: a.test\r\nX-Route: ${ID}\r\nX-Delay: 3000\r\n\r\n`),
  );
  await sleep(300);
  slow.destroy();
  await counter.reach(4);
  expect(counter.requests()).toEqual({
    '- - - OTHER 400': 1,
    '- - - GET 400': 1,
    '- - - GET 414': 1,
    [`${ID} ${WEB} - GET 499`]: 1,
  });
  expect(nginx.errorLog()).not.toMatch(/lua entry thread aborted|failed to run|tidegate: metrics/);
});

describe('limits', () => {
  it('methods that HTTP does not define, and statuses outside 100 to 599, share one series each', async () => {
    await start({ workers: 1 });
    for (let index = 0; index < 60; index += 1) await nginx.get('/', ID, { method: 'M-SEARCH' });
    for (const method of METHODS.slice(0, -1)) if (method !== 'CONNECT') await nginx.get('/static', ID, { method });
    for (const status of [600, 777, 999]) await nginx.get('/', ID, { headers: { 'X-Answer': String(status) } });
    await counter.reach(71);
    expect(counter.requests()).toMatchObject({
      [`${ID} ${WEB} - OTHER 200`]: 60,
      [`${ID} ${WEB} - GET other`]: 3,
      '- - - PATCH 200': 1,
    });
  });

  it('a route has at most about 100 series, and no request is lost', async () => {
    await start({ workers: 1 });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const methods = ['GET', 'PUT', 'DELETE'];
    for (const method of methods) {
      await Promise.all(
        Array.from({ length: 300 }, (_, index) =>
          nginx.get('/', ID, { method, agent, headers: { 'X-Answer': String(200 + index) } }),
        ),
      );
    }
    agent.destroy();
    await counter.reach(900);
    const series = Object.keys(counter.requests());
    expect(series.length).toBeLessThanOrEqual(106);
    expect(counter.folded()).toBe(900 - 100);
    expect(counter.total()).toBe(900);
    const folded = Object.entries(counter.requests()).filter(([key]) => key.endsWith('xx'));
    expect(folded.reduce((sum, [, count]) => sum + count, 0)).toBe(800);
    expect(folded.every(([key]) => / OTHER [2-4]xx$/.test(key))).toBe(true);
  });

  it('while the dictionary is full, numbers stay in the workers and are handed over later', async () => {
    await start({ workers: 1, metricsDict: '192k' });
    const ids = Array.from({ length: 600 }, (_, index) => String(index).padStart(16, '0'));
    await nginx.api.push(Object.fromEntries(ids.map((id) => [`r:${id}`, route(WEB)])));
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      for (const id of ids) await nginx.get('/', id, { agent });
      await sleep(1100);
    }
    agent.destroy();
    await counter.fetch();
    expect(counter.total()).toBeLessThan(rounds * ids.length);
    expect(counter.total()).toBeGreaterThan(0);
    await counter.reach(rounds * ids.length);
    expect(counter.total()).toBe(rounds * ids.length);
    expect(nginx.errorLog()).not.toContain('tidegate: metrics');
  });
});

describe('handing over', () => {
  it('a report is sent again until it is confirmed, and is then deleted', async () => {
    await start({ workers: 1 });
    await send(3);
    await sleep(FLUSH_MS);
    const first = await askFor(nginx);
    expect(first.reports.map(({ number }) => number)).toEqual([1]);
    expect(await askFor(nginx)).toEqual(first);
    // A number of another epoch confirms nothing.
    expect(await askFor(nginx, '?epoch=1-1&after=1')).toEqual(first);
    expect((await askFor(nginx, `?epoch=${first.epoch}&after=1`)).reports).toEqual([]);
    expect((await askFor(nginx)).reports).toEqual([]);
    await send(1);
    await sleep(FLUSH_MS);
    expect((await askFor(nginx)).reports.map(({ number }) => number)).toEqual([2]);
  });

  it('refuses a report number that is not a number, and answers 404 if nothing is counted', async () => {
    await start();
    for (const after of ['x', '-1', '1.5'])
      expect((await nginx.api.send('GET', `/v1/metrics?after=${after}`)).status).toBe(400);
    await nginx.stop();
    nginx = await startFixture();
    expect((await nginx.api.send('GET', '/v1/metrics')).status).toBe(404);
  });

  it('loses nothing in a reload, neither of idle workers nor of those with a request in progress', async () => {
    await start({ shutdownTimeout: '20s' });
    await send(40);
    const slow = send(4, { headers: { 'X-Delay': '2500' } });
    await sleep(300);
    await nginx.reload();
    await send(40);
    await slow;
    await counter.reach(84);
    await sleep(FLUSH_MS);
    await counter.fetch();
    expect(counter.total()).toBe(84);
  });

  it('a killed worker loses at most what it counted since its last report', async () => {
    await start({ workers: 1 });
    await send(100);
    await counter.reach(100);
    const [worker = 0] = nginx.workers();
    let answered = 0;
    const end = performance.now() + 3000;
    while (performance.now() < end) {
      await send(1);
      answered += 1;
    }
    const sentAt = performance.now();
    killProcess(worker);
    await sleep(FLUSH_MS);
    await counter.fetch();
    const lost = 100 + answered - counter.total();
    const perSecond = answered / 3;
    console.log(
      `a killed worker: ${answered} requests in 3 s, ${lost} of them lost (${(lost / perSecond).toFixed(2)} s worth), after ${(performance.now() - sentAt).toFixed(0)} ms`,
    );
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(perSecond * 1.5);
    await send(5);
    await counter.reach(100 + answered - lost + 5);
  });
});

it('GET /v1/processes adds up times and memory of the master and the workers', async () => {
  await start();
  const { status, body } = await nginx.api.send('GET', '/v1/processes');
  expect(status).toBe(200);
  const figures = JSON.parse(body) as Record<string, number | null>;
  expect(figures['processes']).toBe(3);
  expect(figures['residentBytes']).toBeGreaterThan(1e6);
  expect(figures['virtualBytes']).toBeGreaterThan(Number(figures['residentBytes']));
  expect(figures['cpuSeconds']).toBeGreaterThan(0);
  expect(Math.abs(Date.now() / 1000 - Number(figures['oldestStartSeconds']))).toBeLessThan(120);
});
