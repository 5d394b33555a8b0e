import { expect, test } from 'vitest';
import { notOneWord } from './conf-word.ts';

test.each([
  ['100 bytes', 'x'.repeat(100), true],
  ['4000 bytes', 'x'.repeat(4000), true],
  ['4001 bytes', 'x'.repeat(4001), false],
  ['2000 quotes, which take two bytes each', '"'.repeat(2000), true],
  ['2001 quotes, which take two bytes each', '"'.repeat(2001), false],
  ['2001 letters of two bytes', 'é'.repeat(2001), false],
  ['1333 letters of three bytes', '語'.repeat(1333), true],
])('notOneWord() decides whether a string fits into one word of nginx.conf: %s', (_, text, fits) => {
  expect(notOneWord(text) === undefined).toBe(fits);
});
