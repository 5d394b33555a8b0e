import { expect, test } from 'vitest';
import { byteSize } from './scalars.ts';

test.each([
  ['8m', '8m'],
  ['8 M', '8m'],
  ['512b', '512'],
  ['0', '0'],
  ['007k', '7k'],
  // nginx can read neither a word of more than 4095 bytes nor a size with this number of digits.
  [`${'0'.repeat(5000)}8k`, '8k'],
])('the size %s is written in nginx.conf as %s', (raw, value) => {
  expect(byteSize.parse(raw)).toEqual({ ok: true, value });
});
