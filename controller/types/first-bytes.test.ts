import { expect, test } from 'vitest';
import { firstBytes } from './first-bytes.ts';

test('a string that fits stays as it is, and a longer one ends with an ellipsis', () => {
  expect(firstBytes('shop', 4)).toBe('shop');
  expect(firstBytes('shopping', 7)).toBe('shop…');
});

test('no character is cut in two, and the limit counts bytes', () => {
  expect(firstBytes('é'.repeat(10), 12)).toBe('éééé…');
  expect(Buffer.byteLength(firstBytes('😀'.repeat(10), 18))).toBeLessThanOrEqual(18);
  expect(firstBytes('😀'.repeat(10), 18)).toBe('😀😀😀…');
});
