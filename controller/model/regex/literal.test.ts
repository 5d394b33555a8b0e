import { expect, test } from 'vitest';
import { cookiePath } from './literal.ts';

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
])('a cookie of %s is for %s', (pattern, path) => {
  expect(cookiePath(pattern)).toBe(path);
});
