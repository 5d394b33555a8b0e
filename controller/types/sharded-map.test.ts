import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf, draftOf, emptyShardedMap, type ShardedMap, shardOf, SHARDS } from './sharded-map.ts';

const key = fc.stringMatching(/^[a-c]{1,2}$/);
const edits = fc.array(fc.tuple(key, fc.option(fc.nat(3), { nil: undefined })), { maxLength: 30 });

function applied(map: ShardedMap<number>, changes: readonly (readonly [string, number | undefined])[]) {
  const draft = draftOf(map);
  for (const [name, value] of changes) draft.set(name, value);
  return draft.freeze();
}

function plain(changes: readonly (readonly [string, number | undefined])[], map: Map<string, number>) {
  for (const [name, value] of changes) {
    if (value === undefined) map.delete(name);
    else map.set(name, value);
  }
  return map;
}

test('each version is what a Map would be, and stays so', () => {
  fc.assert(
    fc.property(edits, edits, (first, second) => {
      const [one, expected] = [applied(emptyShardedMap(), first), plain(first, new Map())];
      const two = applied(one, second);
      expect(new Map(one)).toEqual(expected);
      expect(new Map(two)).toEqual(plain(second, new Map(expected)));
      expect([two.size, [...two.keys()].length, [...two.values()].length]).toEqual(Array(3).fill(new Map(two).size));
      for (const [name, value] of two) expect([two.get(name), two.has(name)]).toEqual([value, true]);
    }),
  );
});

test('a difference leads from one to the other, sharded or not', () => {
  fc.assert(
    fc.property(edits, edits, fc.boolean(), (first, second, sharded) => {
      const before = applied(emptyShardedMap(), first);
      const after = applied(before, second);
      const { set, remove } = differenceOf<number>(sharded ? before : new Map(before), after);
      expect(plain([...set, ...remove.map((name) => [name, undefined] as const)], new Map(before))).toEqual(
        new Map(after),
      );
      for (const [name, value] of set) expect(before.get(name)).not.toBe(value);
      for (const name of remove) expect(before.has(name)).toBe(true);
    }),
  );
});

test('what does not differ is the same object', () => {
  const map = applied(emptyShardedMap(), [
    ['a', 1],
    ['b', 2],
  ]);
  expect(applied(map, [['a', 1]])).toBe(map);
  expect(applied(map, [['zzz', undefined]])).toBe(map);
  const next = applied(map, [['a', 3]]);
  expect(next.shards.filter((shard, index) => shard !== map.shards[index])).toHaveLength(1);
});

test('keys that differ in their end alone are spread', () => {
  const counts = new Map<number, number>();
  for (let index = 0; index < 10_000; index += 1) {
    const shard = shardOf(`b:ns/app-${index}/80`, 2);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect(counts.size).toBe(SHARDS);
  expect(Math.max(...counts.values())).toBeLessThan(100);
});
