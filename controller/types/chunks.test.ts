import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Chunks, cutList } from './chunks.ts';
import { finish } from './steps.ts';

interface Item {
  readonly ends: boolean;
}

/** Items that are told apart by identity alone. */
const pool: readonly Item[] = Array.from({ length: 40 }, (_, index) => ({ ends: index % 7 === 0 }));
const items = fc.uniqueArray(fc.nat(pool.length - 1)).map((indices) => indices.flatMap((index) => pool[index] ?? []));

function cut(list: readonly Item[], before: Chunks<Item, number>) {
  let made = 0;
  const steps = cutList(list, before, {
    endsWith: ({ ends }) => ends,
    *valueOf(part) {
      made += 1;
      yield;
      return part.length;
    },
  });
  return { chunks: finish(steps), made: () => made };
}

test('whatever was cut before, the chunks are those of the list', () => {
  fc.assert(
    fc.property(items, items, (first, second) => {
      const { chunks } = cut(second, cut(first, []).chunks);
      expect(chunks).toEqual(cut(second, []).chunks);
      expect(chunks.flatMap((chunk) => chunk.items)).toEqual(second);
    }),
  );
});

test('an item more or less makes its own chunk anew and no other', () => {
  const list = Array.from({ length: 2000 }, (_, index): Item => ({ ends: index % 50 === 49 }));
  const { chunks } = cut(list, []);
  expect(chunks).toHaveLength(40);
  const more = cut(list.toSpliced(1010, 0, { ends: false }), chunks);
  expect([more.made(), more.chunks.length]).toEqual([1, 40]);
  const fewer = cut(list.toSpliced(3, 1), chunks);
  expect([fewer.made(), fewer.chunks.length]).toEqual([1, 40]);
  expect(cut([...list], chunks).made()).toBe(0);
});

test('without an end a chunk has a most', () => {
  const list = Array.from({ length: 1000 }, (): Item => ({ ends: false }));
  const { chunks } = cut(list, []);
  expect(chunks.map((chunk) => chunk.items.length)).toEqual([256, 256, 256, 232]);
  expect(cut([...list, { ends: true }], chunks).made()).toBe(1);
});
