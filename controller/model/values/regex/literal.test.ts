import { expect, test } from 'vitest';
import { commonPath, plainCover } from './literal.ts';

test.each([
  ['/', '/'],
  ['/shop', '/shop'],
  ['/shop/', '/shop/'],
  ['/shop(/|$)(.*)', '/shop'],
  ['/shop$', '/shop'],
  ['/shop/(.*)', '/shop/'],
  ['/shop/v[12]/x', '/shop/'],
  ['/shop.*', '/'],
  ['/sho?p', '/'],
  ['/a/b?', '/a/'],
  ['/(.*)', '/'],
])('the cookie path for the pattern %s is %s', (pattern, path) => {
  expect(commonPath(pattern)).toBe(path);
});

test.each([
  ['/', undefined],
  ['/(', undefined],
  ['/b(', '^/b'],
  ['/a.b[', '^/a\\.b'],
  ['/a|/b(', '^/a|/b'],
  ['/a|^/b(', '^/a|^/b'],
  ['/a(x|y)|/b[|]c|/d\\|e(+', '^/a|/b|/d'],
  ['/|/b(', '/b'],
  [`/${'a'.repeat(1000)}(`, `^/${'a'.repeat(499)}`],
  [Array.from({ length: 40 }, (_, at) => `/p${at}(`).join('|'), '^/p0'],
  [Array.from({ length: 40 }, (_, at) => `/p${at}+`).join('|'), '^/'],
])('instead of the refused path %s, everything that matches %s answers 503', (text, pattern) => {
  expect(plainCover(text)?.pattern).toBe(pattern);
});
