import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../e2e/apiserver/emulator.ts';
import type { ApiClient } from '../types/api.ts';
import type { Problem } from '../types/problem.ts';
import { fixedAddresses, serviceAddresses } from './address-source.ts';
import type { PresentAddress } from './addresses.ts';
import { createIngressStatus, type IngressStatus, type IngressStatusOptions } from './ingress-status.ts';
import type { PublishedIngress } from './status-writes.ts';
import { apiClient } from './testing/api-client.ts';
import { memoryLog } from './testing/memory-log.ts';
import { untilFound } from './testing/until.ts';

const ADDRESS = [{ ip: '203.0.113.7' }];
const WRITES = { verb: 'patch', resource: 'ingresses', subresource: 'status' } as const;

let emulator: Emulator;
let api: ApiClient;
let started: IngressStatus[];
let problems: (Problem | undefined)[];
/** Names of Ingresses that NGINX does not serve yet. */
let unserved: Set<string>;
let log: ReturnType<typeof memoryLog>;

beforeEach(async () => {
  emulator = await startEmulator();
  api = apiClient(emulator.url);
  started = [];
  problems = [];
  unserved = new Set();
  log = memoryLog();
});

afterEach(async () => {
  for (const status of started) status.lose();
  await emulator.stop();
});

function putIngress(name: string, present: readonly PresentAddress[] = []): void {
  emulator.put({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'shop' },
    spec: { ingressClassName: 'nginx' },
    status: { loadBalancer: present.length === 0 ? {} : { ingress: present.map((each) => ({ ...each })) } },
  });
}

function presentOf(name: string): readonly PresentAddress[] {
  const found = emulator.get('Ingress', 'shop', name) as unknown as {
    status?: { loadBalancer?: { ingress?: PresentAddress[] } };
  };
  return found.status?.loadBalancer?.ingress ?? [];
}

/** Returns the Ingresses as a watch without delay would show them. */
function ingresses(): PublishedIngress[] {
  return emulator.list('Ingress').map(({ metadata: { namespace = '', name = '' } }) => ({
    namespace,
    name,
    present: presentOf(name),
    served: !unserved.has(name),
  }));
}

function start(options: Partial<IngressStatusOptions> = {}): IngressStatus {
  const status = createIngressStatus({
    api,
    source: fixedAddresses(ADDRESS),
    ingresses,
    log,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  started.push(status);
  return status;
}

function putService(...ips: string[]): void {
  emulator.put({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'edge', namespace: 'edge' },
    spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [{ port: 80 }] },
    status: { loadBalancer: ips.length === 0 ? {} : { ingress: ips.map((ip) => ({ ip })) } },
  });
}

it('only the leader writes statuses, and only those that differ from the addresses to publish', async () => {
  putIngress('empty');
  putIngress('old', [{ ip: '192.0.2.1' }]);
  putIngress('equal', ADDRESS);
  const status = start();
  status.changed();
  await sleep(150);
  expect(emulator.log.count(WRITES)).toBe(0);
  status.lead();
  await untilFound(
    'both statuses were written',
    () => presentOf('old')[0]?.ip === ADDRESS[0]?.ip && presentOf('empty').length === 1,
  );
  expect(presentOf('equal')).toEqual(ADDRESS);
  await sleep(200);
  expect(emulator.log.count(WRITES)).toBe(2);
  expect(emulator.log.count({ ...WRITES, name: 'equal' })).toBe(0);
  expect(log.lines).toEqual(['info: status: 203.0.113.7 published on 2 Ingresses']);
  const [write] = emulator.log.find(WRITES);
  expect(JSON.parse(write?.body ?? '')).toEqual({ status: { loadBalancer: { ingress: ADDRESS } } });
});

it('does not write a status that contains the addresses in another order', async () => {
  const two = [{ ip: '203.0.113.7' }, { hostname: 'lb.example.com' }];
  putIngress('web', two.toReversed());
  start({ source: fixedAddresses(two) }).lead();
  await sleep(200);
  expect(emulator.log.count(WRITES)).toBe(0);
});

it('publishes addresses on an Ingress when NGINX serves it, and does not remove them afterwards', async () => {
  putIngress('ready');
  putIngress('late');
  unserved.add('late');
  const status = start();
  status.lead();
  await untilFound('an address on the served Ingress', () => presentOf('ready').length === 1);
  await sleep(200);
  expect(presentOf('late')).toEqual([]);
  unserved = new Set(['ready']);
  status.changed();
  await untilFound('an address on the late Ingress', () => presentOf('late').length === 1);
  expect(presentOf('ready')).toEqual(ADDRESS);
  expect(emulator.log.count(WRITES)).toBe(2);
});

it('the last pod also empties the status of Ingresses that it does not serve', async () => {
  putIngress('web', ADDRESS);
  unserved.add('web');
  const status = start();
  status.lead();
  expect(await status.clear(2_000)).toBe(0);
  expect(presentOf('web')).toEqual([]);
});

it('publishes addresses on a new Ingress as soon as `changed` is called', async () => {
  const status = start();
  status.lead();
  await sleep(100);
  putIngress('late');
  const began = performance.now();
  status.changed();
  await untilFound('late is published', () => presentOf('late').length === 1);
  expect(performance.now() - began).toBeLessThan(500);
});

it('publishes the current address of a Service; a lost address stays published, with a Problem', async () => {
  putIngress('web');
  putService('203.0.113.7');
  start({ source: serviceAddresses(api, { namespace: 'edge', name: 'edge' }, 100), settleMs: 0 }).lead();
  await untilFound('the first address', () => presentOf('web')[0]?.ip === '203.0.113.7');
  putService();
  const problem = await untilFound('a Problem', () => problems[0]);
  expect(problem).toMatchObject({
    code: 'status-address-missing',
    object: { kind: 'Service', namespace: 'edge', name: 'edge' },
  });
  await sleep(400);
  expect(presentOf('web')).toEqual([{ ip: '203.0.113.7' }]);
  expect(problems).toHaveLength(1);
  putService('203.0.113.8');
  await untilFound('the next address', () => presentOf('web')[0]?.ip === '203.0.113.8');
  expect(problems).toHaveLength(2);
  expect(problems[1]).toBeUndefined();
  emulator.remove('Service', 'edge', 'edge');
  await untilFound('a Problem', () => problems[2]?.code === 'status-address-unreadable');
  await sleep(300);
  expect(presentOf('web')).toEqual([{ ip: '203.0.113.8' }]);
});

it('when it is no longer the leader, removes no addresses and writes no status', async () => {
  putIngress('web');
  const status = start();
  status.lead();
  await untilFound('published', () => presentOf('web').length === 1);
  status.lose();
  putIngress('late');
  status.changed();
  await sleep(300);
  expect(presentOf('web')).toEqual(ADDRESS);
  expect(presentOf('late')).toEqual([]);
  status.lead();
  await untilFound('published after leading again', () => presentOf('late').length === 1);
});

it('sends few requests during an outage of the API server, and writes all statuses afterwards', async () => {
  for (let index = 0; index < 60; index += 1) putIngress(`web-${index}`, [{ ip: '192.0.2.1' }]);
  emulator.fault({ kind: 'status', code: 500, resource: 'ingresses', verb: 'patch' });
  start().lead();
  await sleep(3_000);
  const during = emulator.log.count(WRITES);
  // Rounds start after 0, 0.5, 1.5 and 3 s; each stops after about two dozen failures.
  expect(during).toBeGreaterThan(10);
  expect(during).toBeLessThan(110);
  expect(ingresses().every(({ present }) => present[0]?.ip === '192.0.2.1')).toBe(true);
  emulator.clearFaults();
  await untilFound('all written', () => ingresses().every(({ present }) => present[0]?.ip === '203.0.113.7'), 15_000);
});

it('an Ingress whose status cannot be written does not delay other Ingresses', async () => {
  for (let index = 0; index < 20; index += 1) putIngress(`web-${index}`);
  let refused = 0;
  const picky: ApiClient = {
    request: (method, path, options) => {
      if (!path.endsWith('/web-3/status')) return api.request(method, path, options);
      refused += 1;
      return Promise.resolve({ status: 500, body: { message: 'a webhook is broken' } });
    },
  };
  const status = start({ api: picky });
  status.lead();
  await untilFound(
    'addresses on the other Ingresses',
    () => ingresses().filter(({ present }) => present.length > 0).length === 19,
    2_000,
  );
  await sleep(1_800);
  putIngress('new');
  status.changed();
  await untilFound('an address on the new Ingress', () => presentOf('new').length === 1, 1_000);
  // One write at once, and another after one to two seconds of back-off.
  expect(refused).toBeGreaterThan(1);
  expect(refused).toBeLessThan(6);
  expect(log.lines.filter((line) => line.includes('a webhook is broken'))).toHaveLength(1);
});

it('writes many statuses with limited concurrency, at the configured rate', async () => {
  for (let index = 0; index < 150; index += 1) putIngress(`web-${index}`);
  let open = 0;
  let most = 0;
  const counting: ApiClient = {
    request: async (...args) => {
      most = Math.max(most, (open += 1));
      return api.request(...args).finally(() => (open -= 1));
    },
  };
  const began = performance.now();
  start({ api: counting, writesPerSecond: 50 }).lead();
  await untilFound('all written', () => ingresses().every(({ present }) => present.length === 1), 10_000);
  // A burst of 100, then 50 per second.
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(most).toBeLessThanOrEqual(8);
  expect(emulator.log.count(WRITES)).toBe(150);
});

it('a status that another controller keeps overwriting is reported once, and written less often', async () => {
  putIngress('mine');
  putIngress('shared');
  const told: (readonly Problem[])[] = [];
  const settleMs = 300;
  const status = start({ settleMs, onContested: (all) => told.push(all) });
  status.lead();
  const theirs = [{ ip: '192.0.2.66' }];
  const turns: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    await untilFound('our address', () => presentOf('shared')[0]?.ip === ADDRESS[0]?.ip, 10_000);
    turns.push(performance.now());
    // The watch shows our address before it is replaced.
    status.changed();
    await sleep(150);
    putIngress('shared', theirs);
    status.changed();
  }
  expect(told.map((all) => all.map(({ code, object }) => `${code} ${object?.name}`))).toEqual([
    ['status-contested shared'],
  ]);
  expect(told[0]?.[0]?.message).toContain('keeps replacing 203.0.113.7 with 192.0.2.66');
  // After two replacements the pause is twice as long. Timers may fire a few milliseconds early.
  expect((turns[3] ?? 0) - (turns[2] ?? 0)).toBeGreaterThan(2 * settleMs - 50);
});

it('an Ingress whose status was overwritten only once is not contested', async () => {
  putIngress('web');
  const told: unknown[] = [];
  const status = start({ settleMs: 50, onContested: (all) => told.push(all) });
  status.lead();
  await untilFound('our address', () => presentOf('web').length === 1);
  status.changed();
  await sleep(100);
  putIngress('web', [{ ip: '192.0.2.66' }]);
  status.changed();
  await untilFound('our address again', () => presentOf('web')[0]?.ip === ADDRESS[0]?.ip);
  await sleep(200);
  expect(told).toEqual([]);
});

it('writes a status rarely while another controller overwrites it often', async () => {
  putIngress('web');
  const status = start({ settleMs: 600 });
  status.lead();
  await untilFound('published', () => presentOf('web').length === 1);
  for (let round = 0; round < 20; round += 1) {
    putIngress('web', [{ ip: '192.0.2.66' }]);
    status.changed();
    await sleep(50);
  }
  const writes = emulator.log.count(WRITES);
  expect(writes).toBeGreaterThanOrEqual(2);
  expect(writes).toBeLessThanOrEqual(4);
});

it('logs nothing if the status of a deleted Ingress cannot be written', async () => {
  start({ ingresses: () => [{ namespace: 'shop', name: 'gone', present: [], served: true }] }).lead();
  await untilFound('an attempt to write', () => emulator.log.count(WRITES) > 0);
  await sleep(200);
  expect(log.lines).toEqual([]);
});

it('clear() empties all statuses for the last pod, and counts failures', async () => {
  putIngress('web');
  putIngress('shop', ADDRESS);
  const status = start();
  status.lead();
  await untilFound('published', () => presentOf('web').length === 1);
  expect(await status.clear(5_000)).toBe(0);
  expect([presentOf('web'), presentOf('shop')]).toEqual([[], []]);
  await sleep(200);
  expect(presentOf('web')).toEqual([]);
  putIngress('web', ADDRESS);
  emulator.fault({ kind: 'hang', resource: 'ingresses', verb: 'patch' });
  const began = performance.now();
  expect(await status.clear(300)).toBe(2);
  expect(performance.now() - began).toBeLessThan(1_000);
});
