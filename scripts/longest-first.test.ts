import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LONG, sortLongest } from './longest-first.ts';

it('puts the long files first, and keeps the order of the others', () => {
  const files = ['/w/b.test.ts', '/w/short/a.test.ts', '/w/a.test.ts', '/w/long.test.ts'];
  expect(sortLongest(files, (file) => file, ['long.test.ts', 'a.test.ts'])).toEqual([
    '/w/long.test.ts',
    '/w/short/a.test.ts',
    '/w/a.test.ts',
    '/w/b.test.ts',
  ]);
});

it('lists only files that exist', () => {
  expect(LONG.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});
