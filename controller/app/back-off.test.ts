import { expect, test } from 'vitest';
import { createBackOff } from './back-off.ts';

function setUp() {
  const clock = { now: 0 };
  return { clock, backOff: createBackOff(() => clock.now) };
}

test('each refusal of an Ingress doubles the time until its next test, up to five minutes', () => {
  const { clock, backOff } = setUp();
  const waits = Array.from({ length: 12 }, () => {
    backOff.refused('a/b');
    const wait = (backOff.dueAt('a/b') ?? 0) - clock.now;
    clock.now += wait;
    return wait / 1000;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test('ten minutes without a refusal reset the back-off of an Ingress', () => {
  const { clock, backOff } = setUp();
  backOff.refused('a/b');
  expect(backOff.dueAt('a/c')).toBeUndefined();
  clock.now = 600_000;
  expect(backOff.dueAt('a/b')).toBeUndefined();
});

test('a new Ingress is suspicious while several Ingresses of its namespace have recent refusals', () => {
  const { clock, backOff } = setUp();
  for (const key of ['a/1', 'a/2', 'b/1']) backOff.refused(key);
  backOff.refused('a/2');
  expect(backOff.suspicious('a/9')).toBe(false);
  backOff.refused('a/3');
  expect(backOff.suspicious('a/9')).toBe(true);
  expect(backOff.suspicious('b/9')).toBe(false);
  clock.now = 600_000;
  expect(backOff.suspicious('a/9')).toBe(false);
});
