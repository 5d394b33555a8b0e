/**
 * The difference between two versions of a table. Shared nodes are skipped, so the cost depends on the size of the
 * difference.
 */
import { below, lastKey, type Leaf, type TableNode, Table } from './table.ts';

/** A key with its values in both versions; undefined in a version that lacks the key. */
export type Change<V> = readonly [key: string, before: V | undefined, after: V | undefined];

/** Changes between two maps. If both are tables, they are in the order of keys; otherwise all entries are compared. */
export function* diff<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): Generator<Change<V>> {
  if (before === after) return;
  if (before instanceof Table && after instanceof Table) {
    for (const [old, now] of differing(before as Table<V>, after as Table<V>)) yield* changes(old, now);
    return;
  }
  for (const [key, value] of after) {
    const was = before.get(key);
    if (was !== value) yield [key, was, value];
  }
  for (const [key, value] of before) if (!after.has(key)) yield [key, value, undefined];
}

/** The keys of the difference. */
export function* differingKeys<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): Generator<string> {
  for (const [key] of diff(before, after)) yield key;
}

/** Leaves of both versions that cover the same range of keys, and differ. */
type Pair<V> = readonly [readonly Leaf<V>[], readonly Leaf<V>[]];

function differing<V>(before: Table<V>, after: Table<V>): Generator<Pair<V>> {
  const level = Math.min(before.height, after.height);
  return pairs(downTo(level, before), downTo(level, after), level);
}

function downTo<V>(level: number, { root, height, size }: Table<V>): readonly TableNode<V>[] {
  let nodes: readonly TableNode<V>[] = size === 0 ? [] : [root];
  for (let at = height; at > level; at -= 1) nodes = below(nodes);
  return nodes;
}

function* pairs<V>(before: readonly TableNode<V>[], after: readonly TableNode<V>[], level: number): Generator<Pair<V>> {
  let [a, b] = [0, 0];
  while (a < before.length || b < after.length) {
    if (before[a] === after[b]) {
      a += 1;
      b += 1;
      continue;
    }
    const [endA, endB] = nextEnds(before, after, a + 1, b + 1);
    const [old, now] = [before.slice(a, endA), after.slice(b, endB)];
    if (level === 0) yield [old as readonly Leaf<V>[], now as readonly Leaf<V>[]];
    else yield* pairs(below(old), below(now), level - 1);
    [a, b] = [endA, endB];
  }
}

/** The next position in each list at which both have covered the same keys, or the ends of the lists. */
function nextEnds(
  before: readonly TableNode<unknown>[],
  after: readonly TableNode<unknown>[],
  fromA: number,
  fromB: number,
): readonly [number, number] {
  if (fromA > before.length) return [before.length, fromB];
  if (fromB > after.length) return [fromA, after.length];
  let [a, b] = [fromA, fromB];
  while (a <= before.length && b <= after.length) {
    const [old, now] = [lastKey(before[a - 1] as TableNode<unknown>), lastKey(after[b - 1] as TableNode<unknown>)];
    if (old === now) return [a, b];
    if (old < now) a += 1;
    else b += 1;
  }
  return [before.length, after.length];
}

function* changes<V>(before: readonly Leaf<V>[], after: readonly Leaf<V>[]): Generator<Change<V>> {
  const old = entriesOf(before);
  let [at, known] = [0, old[0]];
  for (const [key, value] of entriesOf(after)) {
    for (; known !== undefined && known[0] < key; known = old[(at += 1)]) yield [...known, undefined];
    const was = known?.[0] === key ? known[1] : undefined;
    if (known?.[0] === key) known = old[(at += 1)];
    if (was !== value) yield [key, was, value];
  }
  for (const [key, value] of old.slice(at)) yield [key, value, undefined];
}

function entriesOf<V>(leaves: readonly Leaf<V>[]): readonly (readonly [string, V])[] {
  return leaves.flatMap(({ keys, items }) => keys.map((key, at) => [key, items[at] as V] as const));
}
