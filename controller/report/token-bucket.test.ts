import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

it('a token bucket allows a burst, then a constant rate, and never accumulates more tokens than the burst', () => {
  let now = 0;
  const bucket = new TokenBucket(10, 3, () => now);
  const take = (times: number) => Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
  expect(take(5)).toBe(3);
  expect(bucket.waitMs()).toBe(100);
  now += 100;
  expect(bucket.waitMs()).toBe(0);
  expect(take(5)).toBe(1);
  now += 60_000;
  expect(take(10)).toBe(3);
});
