import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../e2e/apiserver/emulator.ts';
import type { ApiClient } from '../types/api.ts';
import type { EventNote } from './event-object.ts';
import { createEventRecorder, type EventRecorder, type EventRecorderOptions } from './events.ts';
import { apiClient } from './testing/api-client.ts';
import { memoryLog } from './testing/memory-log.ts';
import { untilFound } from './testing/until.ts';

interface SeenEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly count: number;
  readonly source: { readonly host: string };
}

let emulator: Emulator;
let api: ApiClient;
let made: EventRecorder[];
let log: ReturnType<typeof memoryLog>;

beforeEach(async () => {
  emulator = await startEmulator();
  emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  api = apiClient(emulator.url);
  made = [];
  log = memoryLog();
});

afterEach(async () => {
  emulator.clearFaults();
  await Promise.all(made.map((one) => one.close(100)));
  await emulator.stop();
});

function recorder(options: Partial<EventRecorderOptions> = {}): EventRecorder {
  const one = createEventRecorder({ api, source: { component: 'tidegate', instance: 'pod-1' }, log, ...options });
  made.push(one);
  return one;
}

function note(message: string, more: Partial<EventNote> = {}): EventNote {
  const target = { kind: 'Ingress', namespace: 'shop', name: 'web', uid: 'u-1' };
  return { target, type: 'Warning', reason: 'InvalidHost', message, newestOnly: false, ...more };
}

function on(name: string): Partial<EventNote> {
  return { target: { kind: 'Ingress', namespace: 'shop', name, uid: `u-${name}` } };
}

function events(): readonly SeenEvent[] {
  return emulator.list('Event') as unknown as readonly SeenEvent[];
}

it('creates an Event, and increases its count when the same note is recorded again', async () => {
  const one = recorder();
  one.record(note('a'));
  await untilFound('an Event', () => events().length === 1);
  one.record(note('a'));
  await untilFound('a count of 2', () => events()[0]?.count === 2);
  one.record(note('b'));
  await untilFound('a second Event', () => events().length === 2);
  expect(events()[0]).toMatchObject({ type: 'Warning', reason: 'InvalidHost', message: 'a' });
  expect(one.dropped()).toEqual({ 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 });
});

it('combines notes for the same waiting Event into one request', async () => {
  const one = recorder();
  emulator.fault({ kind: 'delay', delay: 200, resource: 'events', times: 1 });
  one.record(note('first'));
  for (let times = 0; times < 40; times += 1) one.record(note(`say ${times}`, { newestOnly: true, reason: 'RELOAD' }));
  await untilFound('both Events', () => events().length === 2);
  expect(events().find(({ reason }) => reason === 'RELOAD')).toMatchObject({ message: 'say 39', count: 40 });
  expect(emulator.log.count({ resource: 'events' })).toBe(2);
});

it('updates the existing Event after a restart, and from a second replica', async () => {
  recorder().record(note('a'));
  await untilFound('an Event', () => events().length === 1);
  const other = recorder();
  other.record(note('a'));
  await untilFound(
    'a PATCH of the existing Event',
    () => emulator.log.count({ resource: 'events', verb: 'patch', code: 200 }) === 1,
  );
  other.record(note('a'));
  await untilFound('a count of 2', () => events()[0]?.count === 2);
  expect(events()).toHaveLength(1);
});

it('creates a new Event when the API server has deleted the old one', async () => {
  const one = recorder();
  one.record(note('a'));
  const [first] = await untilFound('an Event', () => events().length === 1 && events());
  emulator.remove('Event', 'shop', first?.metadata.name ?? '');
  one.record(note('a'));
  await untilFound('a new Event', () => events()[0]?.count === 1);
  expect(one.dropped().refused).toBe(0);
});

it('drops Events above the limit for one object, and sends the Events of other objects', async () => {
  const one = recorder({ perSecond: 1000 });
  const kept = Array.from({ length: 40 }, (_, index) => one.record(note(`m${index}`))).filter(Boolean);
  expect(kept).toHaveLength(25);
  expect(one.record(note('x', on('other')))).toBe(true);
  await untilFound('all Events that were not dropped', () => events().length === 26);
  expect(one.dropped()['object-rate']).toBe(15);
});

it('limits the number of waiting Events and of requests per second', async () => {
  const one = recorder({ perSecond: 20, mostWaiting: 60 });
  const began = performance.now();
  for (let index = 0; index < 100; index += 1) one.record(note('x', on(`web-${index}`)));
  expect(performance.now() - began).toBeLessThan(500);
  // One Event may already be on its way when the queue fills.
  const dropped = one.dropped()['queue-full'];
  expect([39, 40]).toContain(dropped);
  await untilFound('all other Events', () => events().length === 100 - dropped);
  // A burst of 40, then 20 per second.
  expect(performance.now() - began).toBeGreaterThan(900);
});

it('does not let the Events of one namespace delay the Events of another namespace', async () => {
  emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flood' } });
  const one = recorder({ perSecond: 20, mostOfNamespace: 100 });
  const target = { kind: 'Ingress', namespace: 'flood', name: 'web', uid: 'u-2' };
  for (let index = 0; index < 200; index += 1)
    one.record(note('x', { target: { ...target, name: `web-${index}`, uid: `u-${index}` } }));
  expect(one.dropped()['queue-full']).toBeGreaterThanOrEqual(99);
  expect(one.record(note('mine'))).toBe(true);
  await untilFound('the Event of the other namespace', () =>
    events().some(({ metadata }) => metadata.namespace === 'shop'),
  );
  // Some Events of the other namespace were sent before this Event was recorded; after that, the namespaces take turns.
  expect(events().filter(({ metadata }) => metadata.namespace === 'flood').length).toBeLessThan(50);
});

it('retains waiting Events during an outage of the API server, and sends few requests meanwhile', async () => {
  const one = recorder();
  emulator.fault({ kind: 'status', code: 503, resource: 'events' });
  for (let index = 0; index < 10; index += 1) one.record(note('x', on(`web-${index}`)));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(emulator.log.count({ resource: 'events' })).toBeLessThan(6);
  emulator.clearFaults();
  await untilFound('all ten Events', () => events().length === 10, 10_000);
  expect(one.dropped().unreachable).toBe(0);
});

it('drops Events that the API server refuses, logs the refusal once, and sends the other Events', async () => {
  const one = recorder();
  emulator.fault({ kind: 'status', code: 403, resource: 'events', times: 3 });
  for (let index = 0; index < 4; index += 1) one.record(note('x', on(`web-${index}`)));
  await untilFound('the fourth Event', () => events().length === 1);
  expect(one.dropped().refused).toBe(3);
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toMatch(/^warn: Event dropped: POST .*403/);
});

it('closes within the time limit while the API server hangs, and counts the lost Events', async () => {
  const one = recorder();
  emulator.fault({ kind: 'hang', resource: 'events' });
  one.record(note('a'));
  one.record(note('b'));
  const began = performance.now();
  await one.close(200);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(one.dropped().unreachable).toBe(2);
  expect(one.record(note('c'))).toBe(false);
});

it('sends waiting Events before it closes', async () => {
  const one = recorder();
  one.record(note('a'));
  await one.close(2_000);
  expect(events()).toHaveLength(1);
});
