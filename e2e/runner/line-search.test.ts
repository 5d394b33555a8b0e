import { expect, test } from 'vitest';
import { lineSearch } from './line-search.ts';

test('lineSearch tests each line once while the array grows, and only lines from the given index on', () => {
  const lines = ['ready: old', 'other'];
  const search = lineSearch(/^ready/, 1);
  expect(search(lines)).toBeUndefined();
  lines.push('ready: new', 'ready: newer');
  expect(search(lines)).toBe('ready: new');
});

test('lineSearch searches an array that replaces the previous one from its beginning', () => {
  const search = lineSearch(/two/);
  expect(search(['one', 'none'])).toBeUndefined();
  expect(search(['two'])).toBe('two');
});
