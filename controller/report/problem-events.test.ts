import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Problem } from '../types/problem.ts';
import type { EventNote } from './event-object.ts';
import type { EventRecorder } from './events.ts';
import { createProblemEvents } from './problem-events.ts';

const BODY_SIZE: Problem = {
  code: 'invalid-annotation',
  severity: 'error',
  effect: 'ignored-key',
  message: '"lots" is not a size',
  object: { kind: 'Ingress', namespace: 'shop', name: 'web' },
  field: ['metadata', 'annotations', 'nginx.ingress.kubernetes.io/proxy-body-size'],
  example: '8m',
  place: { file: 'shop.yaml', line: 3, column: 5 },
};
const NOTICE: Problem = { ...BODY_SIZE, code: 'path-conflict', severity: 'notice', effect: 'none' };

function collector(): EventRecorder & { readonly notes: EventNote[] } {
  const notes: EventNote[] = [];
  return {
    notes,
    record: (note) => notes.push(note) > 0,
    dropped: () => ({ 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 }),
    close: () => Promise.resolve(),
  };
}

function setUp(options: { enabled?: () => boolean; refreshMs?: number } = {}) {
  const recorder = collector();
  const uids = new Map([['shop/web', 'u-1']]);
  const events = createProblemEvents({
    recorder,
    uidOf: ({ namespace, name }) => uids.get(`${namespace}/${name}`),
    enabled: () => true,
    ...options,
  });
  return { ...recorder, uids, events };
}

it('an Event about a Problem contains the mistake, the field, the effect and an accepted example', async () => {
  const { events, notes } = setUp();
  events.report([BODY_SIZE, NOTICE]);
  await expect.poll(() => notes).toHaveLength(2);
  expect(notes[0]).toEqual({
    target: { ...BODY_SIZE.object, uid: 'u-1' },
    type: 'Warning',
    reason: 'InvalidAnnotation',
    message:
      'metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]: "lots" is not a size (the key has no effect); for example 8m',
    newestOnly: false,
  });
  expect(notes[1]).toMatchObject({ type: 'Normal', reason: 'PathConflict' });
  events.close();
});

it('an Event is recorded once per Problem, and again if the Problem returns or the object is recreated', async () => {
  const { events, notes, uids } = setUp();
  events.report([BODY_SIZE]);
  events.report([BODY_SIZE, NOTICE]);
  await expect.poll(() => notes).toHaveLength(2);
  events.report([]);
  events.report([BODY_SIZE]);
  await expect.poll(() => notes).toHaveLength(3);
  uids.set('shop/web', 'u-2');
  events.report([BODY_SIZE]);
  await expect.poll(() => notes.at(-1)?.target.uid).toBe('u-2');
  events.close();
});

it('an Event is recorded only for an object that exists in the cluster', async () => {
  const { events, notes, uids } = setUp();
  const { object: _, ...global } = BODY_SIZE;
  events.report([global, { ...BODY_SIZE, object: { kind: 'Ingress', namespace: 'shop', name: 'absent' } }]);
  expect(notes).toEqual([]);
  uids.set('shop/absent', 'u-3');
  events.refresh();
  await expect.poll(() => notes).toHaveLength(1);
  events.close();
});

it('records no Event until this replica is the one that reports, and then records an Event for every Problem', async () => {
  let leads = false;
  const { events, notes } = setUp({ enabled: () => leads });
  events.report([BODY_SIZE, NOTICE]);
  expect(notes).toHaveLength(0);
  leads = true;
  events.refresh();
  await expect.poll(() => notes).toHaveLength(2);
  events.close();
});

it('records a lasting Problem again before its Event expires', async () => {
  const { events, notes } = setUp({ refreshMs: 100 });
  events.report([BODY_SIZE]);
  await sleep(450);
  events.close();
  const repeated = notes.length;
  expect(repeated).toBeGreaterThanOrEqual(2);
  expect(repeated).toBeLessThanOrEqual(6);
  await sleep(150);
  expect(notes).toHaveLength(repeated);
});

it('records a long list of Problems in slices, each Problem once, even if a newer list arrives', async () => {
  const { events, notes } = setUp();
  const problem = (at: number): Problem => ({ ...BODY_SIZE, message: `problem ${at}` });
  const first = Array.from({ length: 40_000 }, (_, at) => problem(at));
  events.report(first);
  expect(notes.length).toBeLessThan(first.length);
  events.report([...first.slice(0, 20_000), problem(-1)]);
  await expect.poll(() => notes.some(({ message }) => message.includes('problem -1 '))).toBe(true);
  expect(notes).toHaveLength(20_001);
  events.close();
});
