import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish } from '../steps.ts';
import { type Change, diff, differingKeys } from './diff.ts';
import { draftOf, emptyTable, type TableNode, type Table, tableOf } from './table.ts';

type Edit = readonly [key: string, value: number | undefined];

/**
 * There are few different keys, so that most edits change an existing entry. The ranges are long, so that a table has
 * several leaves and levels.
 */
const key = fc.oneof(
  fc.nat(300).map((number) => `k${number}`),
  fc.constantFrom('', '*', 'k', 'K1', 'ß', '\u{1F600}', '\uFFFF', 'k10 '),
);
const edit: fc.Arbitrary<Edit> = fc.tuple(key, fc.option(fc.nat(3), { nil: undefined, freq: 3 }));
const range: fc.Arbitrary<readonly Edit[]> = fc
  .tuple(fc.nat(9000), fc.nat(3000), fc.option(fc.nat(3), { nil: undefined, freq: 2 }))
  .map(([from, length, value]) => Array.from({ length }, (_, at): Edit => [`r${from + at}`, value]));
const edits = fc.oneof({ weight: 4, arbitrary: fc.array(edit, { maxLength: 40 }) }, { weight: 1, arbitrary: range });

function applied(table: Table<number>, changes: readonly Edit[]): Table<number> {
  const draft = draftOf(table);
  for (const [name, value] of changes) {
    draft.set(name, value);
    expect(draft.get(name)).toBe(value);
  }
  return finish(draft.freeze());
}

function plain(map: ReadonlyMap<string, number>, changes: readonly Edit[]): Map<string, number> {
  const copy = new Map(map);
  for (const [name, value] of changes) {
    if (value === undefined) copy.delete(name);
    else copy.set(name, value);
  }
  return new Map([...copy].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function naive(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Change<number>[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((name): Change<number> => [name, before.get(name), after.get(name)])
    .filter(([, old, now]) => old !== now);
}

interface Version {
  readonly table: Table<number>;
  readonly expected: ReadonlyMap<string, number>;
}

function versions(steps: readonly (readonly Edit[])[]): readonly Version[] {
  const all: Version[] = [{ table: emptyTable(), expected: new Map() }];
  for (const changes of steps) {
    const { table, expected } = all.at(-1) as Version;
    all.push({ table: applied(table, changes), expected: plain(expected, changes) });
  }
  return all;
}

const history = fc.array(edits, { minLength: 1, maxLength: 8 }).map(versions);

test('every version of a table equals a sorted Map, and later edits do not change it', () => {
  fc.assert(
    fc.property(history, (all) => {
      for (const { table, expected } of all) {
        expect([...table]).toEqual([...expected]);
        expect([...table.keys()]).toEqual([...expected.keys()]);
        expect([...table.values()]).toEqual([...expected.values()]);
        expect(table.size).toBe(expected.size);
        for (const [name, value] of expected) expect([table.get(name), table.has(name)]).toEqual([value, true]);
        for (const name of ['', 'k', 'k1000', 'r', '~']) expect(table.get(name)).toBe(expected.get(name));
      }
    }),
    { numRuns: 40 },
  );
});

test('diff() lists the entries in which two tables differ, in the order of their keys', () => {
  fc.assert(
    fc.property(history, (all) => {
      for (const before of all) {
        for (const after of all) {
          const expected = naive(before.expected, after.expected);
          expect([...diff(before.table, after.table)]).toEqual(expected);
          expect([...differingKeys(before.table, after.table)]).toEqual(expected.map(([name]) => name));
          for (const half of [diff(before.expected, after.table), diff(before.table, after.expected)])
            expect([...half].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(expected);
        }
      }
    }),
    { numRuns: 12 },
  );
});

/** The keys of all nodes, in nested lists. */
function shapeOf(node: TableNode<number>, height: number): unknown {
  return height === 0 ? node.keys : (node.items as TableNode<number>[]).map((below) => shapeOf(below, height - 1));
}

test('after many removals, a table has the shape of a table that was filled with the remaining entries', () => {
  const all = Array.from({ length: 9000 }, (_, at): Edit => [`r${at}`, 0]);
  const full = applied(emptyTable(), all);
  expect(full.height).toBeGreaterThan(1);
  // Each of these keys becomes the last key of its leaf. Some of these keys mark the end of a node above the leaf,
  // but not the end of the leaf itself.
  for (const last of [1230, 1234, 1235, 1591, 1600, 1765, 1767]) {
    const left = all.filter(([name]) => name <= `r${last}` || name >= 'r99');
    const cut = applied(
      full,
      all.filter(([name]) => name > `r${last}` && name < 'r99').map(([name]) => [name, undefined]),
    );
    const fresh = tableOf(new Map(left.map(([name]) => [name, 0])));
    if (cut.height !== fresh.height || cut.root.keys.join() !== fresh.root.keys.join())
      expect([last, shapeOf(cut.root, cut.height)]).toEqual([last, shapeOf(fresh.root, fresh.height)]);
  }
});

test('the shape of a table depends only on its entries, and an edit without effect returns the same table', () => {
  fc.assert(
    fc.property(history, (all) => {
      for (const { table, expected } of all) {
        const fresh = tableOf(expected);
        expect([table.height, table.root]).toEqual([fresh.height, fresh.root]);
        expect(applied(table, [...expected])).toBe(table);
        expect(tableOf(table)).toBe(table);
      }
    }),
    { numRuns: 40 },
  );
});

test('a table works even if every key marks the end of a node, or no key does', () => {
  const keys = Array.from({ length: 120_000 }, (_, number) => `key ${number}`);
  const ending = keys.filter(
    (name) =>
      tableOf(
        new Map([
          [name, 1],
          [`${name}~`, 1],
        ]),
      ).height > 0,
  );
  expect(ending.length).toBeGreaterThan(1000);
  const chosen = new Set(ending);
  for (const names of [ending, keys.filter((name) => !chosen.has(name)).slice(0, 3000)]) {
    const entries = names.map((name, index): Edit => [name, index]);
    const table = applied(emptyTable(), entries);
    expect([...table]).toEqual([...plain(new Map(), entries)]);
    expect(table.height).toBeLessThan(8);
    const half = entries.filter((_, index) => index % 2 === 0);
    const without = applied(
      table,
      half.map(([name]) => [name, undefined]),
    );
    expect([...diff(table, without)].map(([name]) => name)).toEqual(half.map(([name]) => name).sort());
    expect(applied(without, half).root).toEqual(table.root);
  }
});

/** A copy of a node that calls `seen` on each access to its items. */
function watched(node: TableNode<number>, seen: (node: TableNode<number>) => void): TableNode<number> {
  const items = node.items.map((item) => (typeof item === 'object' ? watched(item, seen) : item));
  const copy = { ...node, items };
  return Object.defineProperty(copy, 'items', {
    get() {
      seen(copy);
      return items;
    },
  });
}

test('an edit and a diff visit few nodes of a table, and versions of the table share all other nodes', () => {
  const entries = Array.from({ length: 50_000 }, (_, number): Edit => [`host-${number}.example`, 1]);
  const made = applied(emptyTable(), entries);
  const path = made.height + 1;
  expect(path).toBeLessThanOrEqual(4);
  const seen = new Set<TableNode<number>>();
  const table = Object.assign(Object.create(Object.getPrototypeOf(made) as object) as Table<number>, made, {
    root: watched(made.root, (node) => seen.add(node)),
  });
  for (const value of [2, undefined]) {
    for (let number = 0; number < 50_000; number += 997) {
      seen.clear();
      const next = applied(table, [[`host-${number}.example`, value]]);
      // At most two paths are visited: the path to the edited leaf, and the path to the last leaf below the new nodes
      // or, if a leaf has lost its last key, to the next leaf.
      expect(seen.size).toBeLessThanOrEqual(2 * path);
      seen.clear();
      expect([...diff(table, next)]).toEqual([[`host-${number}.example`, 1, value]]);
      expect(seen.size).toBeLessThanOrEqual(value === undefined ? 2 * path : path);
      const old = new Set(table.leaves());
      expect(next.leaves().filter((leaf) => !old.has(leaf)).length).toBeLessThanOrEqual(1);
    }
  }
});
