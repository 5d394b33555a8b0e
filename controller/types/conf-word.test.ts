import { expect, test } from 'vitest';
import { notOneWord } from './conf-word.ts';

test.each([
  ['a short text', 'x'.repeat(100), true],
  ['as many bytes as fit', 'x'.repeat(4000), true],
  ['one more', 'x'.repeat(4001), false],
  ['quotes, which take two', '"'.repeat(2000), true],
  ['one more quote', '"'.repeat(2001), false],
  ['letters of two bytes', 'é'.repeat(2001), false],
  ['letters of three bytes', '語'.repeat(1333), true],
])('%s', (_, text, fits) => {
  expect(notOneWord(text) === undefined).toBe(fits);
});
