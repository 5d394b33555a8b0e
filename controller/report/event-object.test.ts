import { expect, it } from 'vitest';
import { eventMessage, eventName, type EventNote, eventObject, reasonOf } from './event-object.ts';

const NOTE: EventNote = {
  target: { kind: 'Ingress', namespace: 'shop', name: 'web', uid: 'u-1' },
  type: 'Warning',
  reason: 'InvalidAnnotation',
  message: 'no',
  newestOnly: false,
};
const SOURCE = { component: 'tidegate', instance: 'pod-1' };
const AT = new Date('2026-03-01T10:00:00.120Z');

it('an Event has the fields that kubectl describe searches for, and times in whole seconds', () => {
  expect(eventObject(NOTE, SOURCE, 3, AT)).toMatchObject({
    metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
    involvedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'web', uid: 'u-1' },
    firstTimestamp: '2026-03-01T10:00:00Z',
    lastTimestamp: '2026-03-01T10:00:00Z',
    count: 3,
  });
});

it('an Event about a cluster-scoped object is in the namespace default, and its reference has no namespace', () => {
  const target = { kind: 'IngressClass', namespace: '', name: 'nginx', uid: 'u-2' };
  const made = eventObject({ ...NOTE, target }, SOURCE, 1, AT) as { involvedObject: object };
  expect(made).toMatchObject({ metadata: { namespace: 'default' } });
  expect(made.involvedObject).not.toHaveProperty('namespace');
});

it('the name of an Event depends on its reason, type and uid, and on its message unless only the newest counts', () => {
  const other = [
    { ...NOTE, message: 'other' },
    { ...NOTE, reason: 'InvalidHost' },
    { ...NOTE, type: 'Normal' as const },
    { ...NOTE, target: { ...NOTE.target, uid: 'u-9' } },
  ];
  expect(new Set([NOTE, ...other].map(eventName)).size).toBe(5);
  expect(eventName({ ...NOTE })).toBe(eventName(NOTE));
  const newest = { ...NOTE, newestOnly: true };
  expect(eventName({ ...newest, message: 'other' })).toBe(eventName(newest));
});

it('an Event has a valid name even for an object with the longest possible name', () => {
  const name = eventName({ ...NOTE, target: { ...NOTE.target, name: `${'a'.repeat(235)}.${'b'.repeat(17)}` } });
  expect(name.length).toBeLessThanOrEqual(253);
  expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
});

it('the message of an Event is truncated to 1,024 bytes, but not in the middle of a character', () => {
  const text = eventMessage('ä€😀'.repeat(300));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
  expect(Buffer.byteLength(text)).toBeGreaterThan(1015);
  expect(text).toMatch(/^(ä€😀)*(ä€?)?…$/u);
  expect(eventMessage('x'.repeat(1024))).toHaveLength(1024);
});

it('reasonOf() converts the code of a Problem to the reason of an Event', () => {
  expect(reasonOf('refused-by-nginx')).toBe('RefusedByNginx');
  expect(reasonOf('not-utf8')).toBe('NotUtf8');
});
