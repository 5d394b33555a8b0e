import { expect, test } from 'vitest';
import { hostRegexes } from './host-regexes.ts';

test('a host may have 5,000 locations with regular expressions', () => {
  const room = hostRegexes();
  for (let at = 0; at < 2500; at += 1) expect(room(2, 10)).toBeUndefined();
  expect(room(1, 10)).toContain('the host has more than 5000 regular expressions');
});

test('the regular expressions of a host share a budget of steps, which refused regular expressions do not use', () => {
  const room = hostRegexes();
  expect(room(1, 29_000_000)).toBeUndefined();
  expect(room(1, 2_000_000)).toContain('more than 30000000 steps');
  expect(room(1, 1_000_000)).toBeUndefined();
  expect(room(1, 1)).toContain('more than 30000000 steps');
});
