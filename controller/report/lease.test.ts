import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../e2e/apiserver/emulator.ts';
import type { ApiClient } from '../types/api.ts';
import { type LeaseObject, microTime } from './lease-object.ts';
import { type Election, startElection } from './lease.ts';
import { apiClient, breakable } from './testing/api-client.ts';
import { memoryLog } from './testing/memory-log.ts';
import { untilFound } from './testing/until.ts';

const DURATION_MS = 1_000;

interface Candidate {
  readonly election: Election;
  readonly events: readonly string[];
  readonly log: ReturnType<typeof memoryLog>;
}

let emulator: Emulator;
let api: ApiClient;
let running: Candidate[];

beforeEach(async () => {
  emulator = await startEmulator();
  emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } });
  api = apiClient(emulator.url);
  running = [];
});

afterEach(async () => {
  emulator.clearFaults();
  await Promise.all(running.map(({ election }) => election.stop()));
  await emulator.stop();
});

function candidate(identity: string, client = api): Candidate {
  const events: string[] = [];
  const log = memoryLog();
  const election = startElection({
    api: client,
    namespace: 'edge',
    name: 'leader',
    identity,
    durationMs: DURATION_MS,
    log,
    onLead: () => events.push('lead'),
    onLose: () => events.push('lose'),
  });
  const made = { election, events, log };
  running.push(made);
  return made;
}

function lease(): LeaseObject | undefined {
  return emulator.get('Lease', 'edge', 'leader') as unknown as LeaseObject | undefined;
}

function holder(): string | undefined {
  return lease()?.spec?.holderIdentity ?? undefined;
}

/** Records how many replicas consider themselves the leader at the same time. */
function guard(): { readonly stop: () => void; readonly worst: () => number } {
  let worst = 0;
  const timer = setInterval(() => {
    worst = Math.max(worst, running.filter(({ election }) => election.leading()).length);
  }, 2);
  return { stop: () => clearInterval(timer), worst: () => worst };
}

it('creates the Lease, becomes the leader, and renews the Lease with times that the API server accepts', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  const first = lease()?.spec;
  expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 1, leaseTransitions: 0 });
  expect(first?.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const renewed = await untilFound('a renewal', () => lease()?.spec?.renewTime !== first?.renewTime && lease()?.spec);
  expect(renewed.acquireTime).toBe(first?.acquireTime);
  expect(a.events).toEqual(['lead']);
  await sleep(1_500);
  // Four PUTs per second, and no other GET.
  expect(emulator.log.count({ verb: 'get', resource: 'leases' })).toBeLessThanOrEqual(1);
  expect(emulator.log.count({ verb: 'update', resource: 'leases' })).toBeLessThan(12);
  expect(a.events).toEqual(['lead']);
});

it('a leader that stops releases the Lease, so that the next candidate need not wait for its expiry', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  const b = candidate('b');
  await sleep(400);
  expect(b.election.leading()).toBe(false);
  const watch = guard();
  const began = performance.now();
  await a.election.stop();
  expect(a.events).toEqual(['lead', 'lose']);
  expect(holder()).toBe('');
  await untilFound('b leads', () => b.election.leading());
  watch.stop();
  // With a released Lease, the next candidate leads after its next (jittered) retry instead of after the duration.
  expect(performance.now() - began).toBeLessThan(DURATION_MS);
  expect(lease()?.spec?.leaseTransitions).toBe(1);
  expect(watch.worst()).toBeLessThanOrEqual(1);
});

it('a leader that cannot renew the Lease steps down in time, is replaced, and can lead again later', async () => {
  let broken = false;
  const a = candidate(
    'a',
    breakable(api, () => broken),
  );
  await untilFound('a leads', () => a.election.leading());
  const b = candidate('b');
  await sleep(300);
  const watch = guard();
  const began = performance.now();
  broken = true;
  await untilFound('a steps down', () => !a.election.leading());
  expect(performance.now() - began).toBeLessThan(DURATION_MS);
  await untilFound('b leads', () => b.election.leading());
  // The duration since the last renewal, plus one jittered retry.
  expect(performance.now() - began).toBeLessThan(2.5 * DURATION_MS);
  broken = false;
  await sleep(600);
  expect(a.events).toEqual(['lead', 'lose']);
  await b.election.stop();
  await untilFound('a leads again', () => a.election.leading());
  watch.stop();
  expect(a.events).toEqual(['lead', 'lose', 'lead']);
  expect(watch.worst()).toBe(1);
  expect(a.log.lines.filter((line) => line.includes('connection refused'))).toHaveLength(1);
});

it('steps down while the API server hangs, and leads again when the API server responds', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  emulator.fault({ kind: 'hang', resource: 'leases' });
  await sleep(DURATION_MS);
  expect(a.election.leading()).toBe(false);
  await untilFound('onLose was called', () => a.events.includes('lose'));
  emulator.clearFaults();
  await untilFound('a leads again', () => a.election.leading());
  expect(lease()?.spec?.leaseTransitions).toBe(0);
});

it('does not count as the leader after its deadline, even if its timers fire too late', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  // Blocks the event loop, as if the process were stopped.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DURATION_MS);
  expect(a.election.leading()).toBe(false);
  await untilFound('a leads again', () => a.election.leading());
});

it.each([
  ['long ago', new Date('2001-01-01T00:00:00Z')],
  ['far in the future', new Date('2099-01-01T00:00:00Z')],
])('acquires an expired Lease whose renewTime is %s only after watching it for its duration', async (_, renewed) => {
  emulator.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader', namespace: 'edge', annotations: { kept: 'yes' } },
    spec: { holderIdentity: 'gone', leaseDurationSeconds: 1, renewTime: microTime(renewed), leaseTransitions: 4 },
  });
  const began = performance.now();
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  const took = performance.now() - began;
  expect(took).toBeGreaterThanOrEqual(1_000);
  expect(took).toBeLessThan(2_500);
  expect(lease()).toMatchObject({ metadata: { annotations: { kept: 'yes' } }, spec: { leaseTransitions: 5 } });
});

it('does not lead while another holder renews the Lease, however wrong the clock of that holder is', async () => {
  let count = 0;
  const renew = () =>
    emulator.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'leader', namespace: 'edge' },
      spec: {
        holderIdentity: 'other',
        leaseDurationSeconds: 1,
        renewTime: microTime(new Date(Date.UTC(2001, 0, 1) + (count += 1))),
      },
    });
  renew();
  const timer = setInterval(renew, 250);
  const a = candidate('a');
  await sleep(2_500);
  clearInterval(timer);
  expect(a.events).toEqual([]);
  expect(a.log.lines).toEqual(['info: leader election: other leads']);
});

it('steps down at its next check when the Lease names another holder', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  emulator.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader', namespace: 'edge' },
    spec: { holderIdentity: 'thief', leaseDurationSeconds: 60, renewTime: microTime(new Date()) },
  });
  await untilFound('a steps down', () => !a.election.leading(), 600);
  await a.election.stop();
  // A Lease with another holder is not released.
  expect(holder()).toBe('thief');
});

it('remains the leader when the Lease is deleted or its metadata changes', async () => {
  const a = candidate('a');
  await untilFound('a leads', () => a.election.leading());
  emulator.remove('Lease', 'edge', 'leader');
  await untilFound('a new Lease', () => holder() === 'a');
  emulator.put({ ...(lease() as object), metadata: { name: 'leader', namespace: 'edge', labels: { seen: 'yes' } } });
  const touched = lease()?.spec?.renewTime;
  await untilFound('a renewal', () => lease()?.spec?.renewTime !== touched);
  expect(lease()).toMatchObject({ metadata: { labels: { seen: 'yes' } } });
  expect(a.events).toEqual(['lead']);
});
