import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

test('the back-off doubles up to its cap, with full jitter', () => {
  const tuning = { backoffMs: 500, backoffCapMs: 30_000 };
  const most = (failures: number) => retryDelayMs(failures, undefined, { ...tuning, random: () => 1 });
  expect([1, 2, 3, 7, 8, 2000].map(most)).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000]);
  expect(retryDelayMs(8, undefined, { ...tuning, random: () => 0 })).toBe(0);
});

test('Retry-After is the minimum delay, up to five minutes', () => {
  const tuning = { backoffMs: 500, backoffCapMs: 30_000, random: () => 0.5 };
  expect(retryDelayMs(1, 4000, tuning)).toBe(4250);
  expect(retryDelayMs(1, 1e12, tuning)).toBe(300_250);
});
