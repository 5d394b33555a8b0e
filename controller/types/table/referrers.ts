/** Finds the entries of a table that refer to given keys, without visiting all entries for each search. */
import type { Steps } from '../steps.ts';
import type { Leaf, Table } from './table.ts';

/**
 * Searches a table for the entries that refer to any key of `wanted`, and returns their keys, in order. The first search
 * visits every entry; later ones visit only the leaves that have changed and the leaves that refer to a wanted key.
 */
export type FindReferrers<V> = (table: Table<V>, wanted: ReadonlySet<string>) => Steps<readonly string[]>;

/**
 * Creates a search. `keysOf` returns the keys to which an entry refers; it must return the same keys for the same
 * value.
 */
export function createFindReferrers<V>(keysOf: (value: V) => readonly string[]): FindReferrers<V> {
  const referred = new WeakMap<Leaf<V>, ReadonlySet<string>>();

  function keysIn(leaf: Leaf<V>): ReadonlySet<string> {
    const known = referred.get(leaf);
    if (known !== undefined) return known;
    const keys = new Set<string>();
    for (const item of leaf.items) for (const key of keysOf(item)) keys.add(key);
    referred.set(leaf, keys);
    return keys;
  }

  return function* (table, wanted) {
    const found: string[] = [];
    if (wanted.size === 0) return found;
    for (const leaf of table.leaves()) {
      const isNew = !referred.has(leaf);
      const keys = keysIn(leaf);
      if (intersect(keys, wanted))
        for (const [at, item] of leaf.items.entries())
          if (keysOf(item).some((key) => wanted.has(key))) found.push(leaf.keys[at] as string);
      if (isNew) yield;
    }
    return found;
  };
}

function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const key of few) if (many.has(key)) return true;
  return false;
}
