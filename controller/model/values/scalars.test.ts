import { expect, test } from 'vitest';
import { byteSize } from './scalars.ts';

test.each([
  ['8m', '8m'],
  ['8 M', '8m'],
  ['512b', '512'],
  ['0', '0'],
  ['007k', '7k'],
  // nginx reads no word of more than 4095 bytes, and no size with that many digits.
  [`${'0'.repeat(5000)}8k`, '8k'],
])('a size of %s', (raw, value) => {
  expect(byteSize.parse(raw)).toEqual({ ok: true, value });
});
