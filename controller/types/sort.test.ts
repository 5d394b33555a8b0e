import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish } from './steps.ts';
import { sortSteps } from './sort.ts';

test('sortSteps() gives the same result as Array.prototype.sort, and keeps the order of equal items', () => {
  const items = fc.array(fc.record({ key: fc.nat(50), at: fc.nat() }), { maxLength: 3000, size: 'max' });
  const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
  fc.assert(
    fc.property(items, (given) => {
      expect(finish(sortSteps(given, byKey))).toEqual(given.toSorted(byKey));
    }),
    { numRuns: 30 },
  );
});

test('sortSteps() yields many times while it sorts a long list', () => {
  const steps = sortSteps(
    Array.from({ length: 5000 }, (_, index) => -index),
    (a, b) => a - b,
  );
  let rests = 0;
  while (steps.next().done !== true) rests += 1;
  expect(rests).toBeGreaterThan(10);
});
