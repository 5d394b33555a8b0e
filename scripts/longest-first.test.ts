import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LONG, sortLongest } from './longest-first.ts';

it('sortLongest puts the listed files first, and leaves all other files in their order', () => {
  const files = ['/w/b.test.ts', '/w/short/a.test.ts', '/w/a.test.ts', '/w/long.test.ts'];
  expect(sortLongest(files, (file) => file, ['long.test.ts', 'a.test.ts'])).toEqual([
    '/w/long.test.ts',
    '/w/short/a.test.ts',
    '/w/a.test.ts',
    '/w/b.test.ts',
  ]);
});

it('the list LONG names only test files that exist', () => {
  expect(LONG.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});
