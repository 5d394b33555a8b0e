import { expect, it } from 'vitest';
import { givenBack, heldBy, microTime, newLease } from './lease-object.ts';

const AT = new Date('2026-03-01T10:00:00.120Z');
const LATER = new Date('2026-03-01T10:00:07Z');

it('writes times with six decimal places, even for whole seconds', () => {
  expect(microTime(AT)).toBe('2026-03-01T10:00:00.120000Z');
  expect(microTime(LATER)).toBe('2026-03-01T10:00:07.000000Z');
});

it('counts a transition when the holder of a Lease changes, but not when the holder renews the Lease', () => {
  const first = newLease('edge', 'leader', 'a', 30, AT);
  expect(first.spec).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 30,
    acquireTime: microTime(AT),
    renewTime: microTime(AT),
    leaseTransitions: 0,
  });
  const renewed = heldBy(first, 'a', 30, LATER);
  expect(renewed.spec).toMatchObject({
    acquireTime: microTime(AT),
    renewTime: microTime(LATER),
    leaseTransitions: 0,
  });
  const taken = heldBy(renewed, 'b', 30, LATER);
  expect(taken.spec).toMatchObject({ holderIdentity: 'b', acquireTime: microTime(LATER), leaseTransitions: 1 });
});

it('releases a Lease without naming a successor, and preserves fields of other writers', () => {
  const lease = {
    ...newLease('edge', 'leader', 'a', 30, AT),
    spec: { holderIdentity: 'a', strategy: 'OldestEmulation' },
  };
  const free = givenBack(lease, LATER);
  expect(free.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, strategy: 'OldestEmulation' });
});
