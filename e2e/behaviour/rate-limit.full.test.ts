/** Limits of clients under load. Counts the requests that are served before and after a reload. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { describeLosses, startLoad } from '../client/load.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

const RATE = 50;
const SECONDS = 10;
const CONNECTIONS = 5;
const LIMITED = {
  one: { 'limit-rps': `${RATE}`, 'limit-burst-multiplier': '1', 'limit-status-code': '429' },
  two: { 'limit-rps': `${RATE}`, 'limit-burst-multiplier': '1', 'limit-status-code': '429' },
  long: { 'limit-connections': `${CONNECTIONS}`, 'limit-status-code': '429' },
  slow: { 'limit-rate': '250', 'proxy-buffering': 'on' },
  fast: { 'limit-rate': '500', 'proxy-buffering': 'on' },
};
const pods = takeAddresses(2);

let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
  const sites = Object.entries(LIMITED).map(([site, annotations]) => ingressOf(site, 'app', { annotations }));
  instance = await startInstance({ 'pods.yaml': podsOf('app', pods, backends.ports.http), 'sites.yaml': sites });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Sends more than four times as many requests as the limit allows. */
function overload(site: string, from: string) {
  const target = { port: instance.httpPort, host: hostOf(site), path: '/', from };
  return startLoad({ next: () => target, kept: 20, fresh: 0, pause: 46 }, (SECONDS + 20) * 1000);
}

it('limit-rps admits this number of requests per second from each client to each Ingress, even during a reload', async () => {
  const generations = watchGenerations(instance.runDir);
  const began = performance.now();
  const loads = [
    overload('one', '127.0.0.11'),
    overload('one', '127.0.0.12'),
    // The first client also sends requests to another Ingress with the same limit.
    overload('two', '127.0.0.11'),
  ];
  try {
    await sleep((SECONDS / 2) * 1000);
    instance.write('new.yaml', [ingressOf('new', 'app')]);
    await untilServed(instance, 'new', pods);
    await sleep(Math.max(0, SECONDS * 1000 - (performance.now() - began)));
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    generations.stop();
  }
  const seconds = (performance.now() - began) / 1000;
  expect(generations.reloads()).toBe(1);
  for (const { losses } of loads) {
    process.stdout.write(`${describeLosses(losses)}, ${losses.otherStatus} refused\n`);
    expect(losses.requests / (RATE * seconds)).toBeGreaterThan(4);
    expect(losses.ok + losses.otherStatus + losses.reusedClosed).toBe(losses.requests);
    // The first request and the burst are served immediately, in addition to the rate.
    const steady = (losses.ok - 1 - RATE) / (RATE * seconds);
    process.stdout.write(`  ${steady.toFixed(3)} of the limit in ${seconds.toFixed(1)} s\n`);
    expect(steady).toBeGreaterThan(0.95);
    expect(steady).toBeLessThan(1.05);
  }
}, 60_000);

it('limit-connections admits this number of concurrent requests from each client', async () => {
  const ask = (from: string) =>
    requestOnce(
      { port: instance.httpPort, host: hostOf('long'), path: '/', headers: { 'echo-delay': '2500' }, from },
      10_000,
    );
  const clients = ['127.0.0.21', '127.0.0.22'];
  const all = await Promise.all(
    clients.map(async (from) => Promise.all(Array.from({ length: 4 * CONNECTIONS }, () => ask(from)))),
  );
  for (const exchanges of all) {
    const statuses = exchanges.map((each) => (each.kind === 'answer' ? each.answer.status : each.kind));
    expect(statuses.filter((status) => status === 200)).toHaveLength(CONNECTIONS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3 * CONNECTIONS);
  }
  const after = await ask('127.0.0.21');
  expect(after.kind === 'answer' && after.answer.status).toBe(200);
}, 30_000);

/** The bytes per second of a long response. Its beginning is left out, because NGINX counts whole seconds. */
async function speedOf(site: string): Promise<number> {
  const SKIPPED = 1_000_000;
  const SIZE = 3_000_000;
  return new Promise((resolve, reject) => {
    const headers = { host: hostOf(site), 'echo-stream': `${SIZE}` };
    const request = get({ host: '127.0.0.1', port: instance.httpPort, headers, agent: false }, (response) => {
      let bytes = 0;
      let from: { readonly at: number; readonly bytes: number } | undefined;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= SKIPPED) from ??= { at: performance.now(), bytes };
      });
      response.on('end', () => {
        if (from === undefined) return reject(new Error(`only ${bytes} bytes arrived`));
        resolve(((bytes - from.bytes) / (performance.now() - from.at)) * 1000);
      });
    });
    request.on('error', reject);
  });
}

it('limit-rate is the speed at which responses are sent', async () => {
  const [slow, fast] = await Promise.all([speedOf('slow'), speedOf('fast')]);
  process.stdout.write(`limit-rate 250: ${Math.round(slow / 1024)} kB/s, 500: ${Math.round(fast / 1024)} kB/s\n`);
  // NGINX exceeds the limit only briefly, and is slower than the limit by the time between two writes.
  expect(slow / (250 * 1024)).toBeGreaterThan(0.75);
  expect(slow / (250 * 1024)).toBeLessThan(1.05);
  expect(fast / slow).toBeGreaterThan(1.7);
  expect(fast / slow).toBeLessThan(2.4);
}, 60_000);
