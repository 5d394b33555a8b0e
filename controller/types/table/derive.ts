/** Values derived from the entries of a table: computed only for entries that differ from the previous version. */
import type { Steps } from '../steps.ts';
import { type Change, diff } from './diff.ts';
import { draftOf, emptyTable, type Leaf, type Table } from './table.ts';

/** A table with the value derived from each entry of another one. */
export interface Derived<V, W> {
  readonly from: Table<V>;
  readonly table: Table<W>;
}

export function nothingDerived<V, W>(): Derived<V, W> {
  return { from: emptyTable(), table: emptyTable() };
}

/** `follow` may return undefined for no value; it gets the value derived from the entry's previous version. */
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

/** A table with several contributors: an entry stays for as long as one of them adds it. */
export interface Tally<V> {
  readonly values: Table<V>;
  /** The number of contributors of a key, if there is more than one. */
  readonly counts: Table<number>;
}

export function emptyTally<V>(): Tally<V> {
  return { values: emptyTable(), counts: emptyTable() };
}

/** The tally after changes of its contributors. All contributors of a key in one build give it the same value. */
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

/** The leaves of a table, each with a value derived from its values. */
export type Gathered<V, W> = readonly { readonly leaf: Leaf<V>; readonly value: W }[];

/** Computes values for leaves that `before` lacks. A leaf depends only on its entries. */
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
