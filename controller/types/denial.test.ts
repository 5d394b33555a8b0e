import { expect, test } from 'vitest';
import { CONFLICT_CODE, denies } from './denial.ts';
import type { ObjectRef, Problem } from './problem.ts';

const candidate: ObjectRef = { kind: 'Ingress', namespace: 'shop', name: 'web' };
const other: ObjectRef = { kind: 'Ingress', namespace: 'team', name: 'web' };
const strict = { allowsDuplicatePaths: false };
const invalidHost: Problem = {
  code: 'invalid-host',
  severity: 'error',
  effect: 'path-ignored',
  object: candidate,
  message: 'the host must be a DNS name',
};
const conflict: Problem = { ...invalidHost, code: CONFLICT_CODE, severity: 'warning', winner: other };

test('an Ingress of which something is not served, because of what it says, is denied', () => {
  expect(denies(invalidHost, candidate, strict)).toBe(true);
  expect(denies({ ...invalidHost, effect: 'denied-location' }, candidate, strict)).toBe(true);
});

test('an Ingress that is served otherwise than written, or only misses another object, is not denied', () => {
  expect(denies({ ...invalidHost, severity: 'warning' }, candidate, strict)).toBe(false);
  expect(denies({ ...invalidHost, effect: 'default-certificate' }, candidate, strict)).toBe(false);
  expect(denies({ ...invalidHost, elsewhere: true }, candidate, strict)).toBe(false);
});

test('a Problem of another object denies the candidate only if the candidate takes a path from it', () => {
  expect(denies({ ...invalidHost, object: other }, candidate, strict)).toBe(false);
  expect(denies({ ...conflict, object: other, winner: candidate }, candidate, strict)).toBe(true);
  expect(denies({ ...conflict, object: other, winner: { ...other, name: 'third' } }, candidate, strict)).toBe(false);
});

test('a path that another Ingress has is denied unless that is allowed; a path that stands twice in an Ingress is not', () => {
  expect(denies(conflict, candidate, strict)).toBe(true);
  expect(denies(conflict, candidate, { allowsDuplicatePaths: true })).toBe(false);
  expect(denies({ ...conflict, winner: candidate }, candidate, strict)).toBe(false);
  const { winner: _, ...ofCanary } = conflict;
  expect(denies(ofCanary, candidate, strict)).toBe(false);
});
