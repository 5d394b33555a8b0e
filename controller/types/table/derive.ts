/**
 * Values derived from the entries of a table. They are computed only for entries that differ from the previous version.
 */
import type { Steps } from '../steps.ts';
import { type Change, diff } from './diff.ts';
import { draftOf, emptyTable, type Leaf, type Table } from './table.ts';

/** A table whose values are derived from the entries of the table `from`. */
export interface Derived<V, W> {
  readonly from: Table<V>;
  readonly table: Table<W>;
}

export function nothingDerived<V, W>(): Derived<V, W> {
  return { from: emptyTable(), table: emptyTable() };
}

/**
 * The derived table for a new version of a table. `follow` computes the value for an entry, or returns undefined if
 * there is none; `was` is the value that it returned for the previous version of the entry.
 */
export function* derive<V, W>(
  from: Table<V>,
  before: Derived<V, W>,
  follow: (value: V, key: string, was: W | undefined) => W | undefined,
): Steps<Derived<V, W>> {
  const draft = draftOf(before.table);
  for (const [key, , value] of diff(before.from, from)) {
    draft.set(key, value === undefined ? undefined : follow(value, key, draft.get(key)));
    yield;
  }
  return { from, table: yield* draft.freeze() };
}

/**
 * A table to which entries of other tables contribute: a key stays for as long as at least one entry contributes it.
 */
export interface Tally<V> {
  readonly values: Table<V>;
  /** The number of contributing entries for each key to which more than one contributes. */
  readonly counts: Table<number>;
}

export function emptyTally<V>(): Tally<V> {
  return { values: emptyTable(), counts: emptyTable() };
}

/**
 * The tally after changes to contributing entries. All entries that contribute a key in one build must give it the same
 * value.
 */
export function* recount<T, V>(
  before: Tally<V>,
  changes: Iterable<Change<T>>,
  contribution: (item: T) => Iterable<readonly [key: string, value: V]>,
): Steps<Tally<V>> {
  const [values, counts] = [draftOf(before.values), draftOf(before.counts)];
  const count = (key: string, by: 1 | -1, value: V | undefined): void => {
    const was = counts.get(key) ?? (values.get(key) === undefined ? 0 : 1);
    const now = was + by;
    if (now === 0) values.set(key, undefined);
    else if (value !== undefined) values.set(key, value);
    if (was > 1 || now > 1) counts.set(key, now > 1 ? now : undefined);
  };
  for (const [, was, now] of changes) {
    if (now !== undefined) for (const [key, value] of contribution(now)) count(key, 1, value);
    if (was !== undefined) for (const [key] of contribution(was)) count(key, -1, undefined);
    yield;
  }
  return { values: yield* values.freeze(), counts: yield* counts.freeze() };
}

/** The leaves of a table, each with a value that is computed from the values in the leaf. */
export type Gathered<V, W> = readonly { readonly leaf: Leaf<V>; readonly value: W }[];

/** Computes values for the leaves of a table that are not in `before`; the values of all other leaves are reused. */
export function* gather<V, W>(
  table: Table<V>,
  before: Gathered<V, W>,
  valueOf: (values: readonly V[]) => Steps<W>,
): Steps<Gathered<V, W>> {
  const known = new Map(before.map((each) => [each.leaf, each]));
  const all: Gathered<V, W>[number][] = [];
  for (const leaf of table.leaves()) {
    const same = known.get(leaf);
    all.push(same ?? { leaf, value: yield* valueOf(leaf.items) });
    if (same === undefined) yield;
  }
  return all;
}
