import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish } from '../steps.ts';
import { createFindReferrers } from './referrers.ts';
import { draftOf, tableOf } from './table.ts';

const items = fc.array(fc.tuple(fc.nat(600), fc.array(fc.nat(50), { maxLength: 3 })), { maxLength: 400, size: 'max' });

test('in every version of a table, a search finds all entries that refer to a wanted key', () => {
  fc.assert(
    fc.property(fc.array(items, { minLength: 1, maxLength: 4 }), fc.uniqueArray(fc.nat(50)), (versions, numbers) => {
      const find = createFindReferrers((refers: readonly string[]) => refers);
      const wanted = new Set(numbers.map((number) => `o${number}`));
      const draft = draftOf(tableOf(new Map<string, readonly string[]>()));
      for (const version of versions) {
        for (const [key, refers] of version)
          draft.set(
            `k${key}`,
            refers.map((number) => `o${number}`),
          );
        const table = finish(draft.freeze());
        const expected = [...table].filter(([, refers]) => refers.some((key) => wanted.has(key))).map(([key]) => key);
        expect(finish(find(table, wanted))).toEqual(expected);
      }
    }),
  );
});

test('a search visits only parts of a table that changed since the previous one, or may refer to a wanted key', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `k${index}`);
  const visited: string[] = [];
  const find = createFindReferrers((value: string) => {
    visited.push(value);
    return [value];
  });
  const first = tableOf(new Map(names.map((name) => [name, `for ${name}`])));
  expect(finish(find(first, new Set(['for k7'])))).toEqual(['k7']);
  expect(new Set(visited).size).toBe(5000);
  visited.length = 0;
  const draft = draftOf(first);
  draft.set('k11', 'for k7');
  expect(finish(find(finish(draft.freeze()), new Set(['for k7'])))).toEqual(['k11', 'k7']);
  expect(visited.length).toBeLessThan(1000);
  visited.length = 0;
  expect(finish(find(first, new Set()))).toEqual([]);
  expect(visited).toEqual([]);
});
