import { expect, test } from 'vitest';
import { withTimeLimit } from './time-limit.ts';

test('a result that is ready in time is returned, and an exception is passed on', () => {
  expect(withTimeLimit(10_000, () => ({ a: 1 }))).toEqual({ a: 1 });
  expect(() =>
    withTimeLimit(10_000, () => {
      throw new TypeError('no');
    }),
  ).toThrow(TypeError);
});

test('a regular expression that would run for hours is ended', () => {
  const slow = /^(?:a+)+$/;
  expect(withTimeLimit(50, () => ({ matches: slow.test(`${'a'.repeat(60)}b`) }))).toBeUndefined();
});
