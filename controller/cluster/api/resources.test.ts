import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from './resources.ts';

test('resourceVersions are compared only if they are numbers, of any length', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 80n }), fc.bigInt({ min: 0n, max: 1n << 80n }), (a, b) => {
      expect(compareVersions(String(a), String(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  expect(compareVersions('abc', '12')).toBeUndefined();
});
