import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff, pause } from './backoff.ts';
import { compareVersions } from './resources.ts';

test('the back-off doubles up to its cap, with full jitter', () => {
  const tuning = { backoffMs: 500, backoffCapMs: 30_000 };
  const most = (failures: number) => backoff(failures, undefined, { ...tuning, random: () => 1 });
  expect([1, 2, 3, 7, 8, 2000].map(most)).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000]);
  expect(backoff(8, undefined, { ...tuning, random: () => 0 })).toBe(0);
});

test('Retry-After is the minimum, and bounded', () => {
  const tuning = { backoffMs: 500, backoffCapMs: 30_000, random: () => 0.5 };
  expect(backoff(1, 4000, tuning)).toBe(4250);
  expect(backoff(1, 1e12, tuning)).toBe(300_250);
});

test('a pause ends with its signal', async () => {
  const abort = new AbortController();
  const began = performance.now();
  setTimeout(() => abort.abort(), 10);
  await pause(10_000, abort.signal);
  await pause(10_000, abort.signal);
  expect(performance.now() - began).toBeLessThan(2000);
});

test('resourceVersions are compared only if they are numbers, of any length', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 80n }), fc.bigInt({ min: 0n, max: 1n << 80n }), (a, b) => {
      expect(compareVersions(String(a), String(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  expect(compareVersions('abc', '12')).toBeUndefined();
});
