import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish, type Steps } from '../steps.ts';
import { derive, emptyTally, gather, nothingDerived, recount } from './derive.ts';
import { diff } from './diff.ts';
import { draftOf, type Table, tableOf } from './table.ts';

const map = fc
  .array(
    fc.tuple(
      fc.nat(400).map((number) => `k${number}`),
      fc.nat(5),
    ),
    { maxLength: 300, size: 'max' },
  )
  .map((entries) => tableOf(new Map(entries)));
const history = fc.array(map, { minLength: 1, maxLength: 5 });

const keysOf = (table: Table<number>, other: Table<number>) => [...diff(table, other)].map(([key]) => key);

test('derived values match the newest version of a table, and only the values of changed entries are computed', () => {
  fc.assert(
    fc.property(history, (tables) => {
      let derived = nothingDerived<number, string>();
      for (const table of tables) {
        const [asked, before]: [string[], typeof derived] = [[], derived];
        const follow = (value: number, key: string, was: string | undefined): string | undefined => {
          asked.push(key);
          expect(was).toBe(before.table.get(key));
          return value === 0 ? undefined : `${key} ${value}`;
        };
        derived = finish(derive(table, before, follow));
        expect(asked).toEqual(keysOf(before.from, table).filter((key) => table.has(key)));
        expect([...derived.table]).toEqual(
          [...table].filter(([, value]) => value > 0).map(([key, value]) => [key, `${key} ${value}`]),
        );
      }
    }),
  );
});

test('a tally contains exactly the keys that the current entries add, whatever earlier versions added', () => {
  const added = (value: number): (readonly [string, string])[] =>
    Array.from({ length: value }, (_, at) => [`${value % 2} ${at}`, `value ${value % 2} ${at}`]);
  fc.assert(
    fc.property(history, (tables) => {
      let [before, tally] = [tableOf(new Map<string, number>()), emptyTally<string>()];
      for (const table of tables) {
        tally = finish(recount(tally, diff(before, table), added));
        before = table;
        const all = [...table.values()].flatMap(added);
        expect([...tally.values]).toEqual([...tableOf(new Map(all))]);
        const counts = [...tally.values.keys()].map(
          (key) => [key, all.filter(([each]) => each === key).length] as const,
        );
        expect([...tally.counts]).toEqual(counts.filter(([, count]) => count > 1));
        expect(finish(recount(tally, diff(table, table), added))).toEqual(tally);
      }
    }),
  );
});

test('gather() computes values only for new leaves of a table', () => {
  const entries = Array.from({ length: 5000 }, (_, number) => [`host-${number}`, number] as const);
  const table = tableOf(new Map(entries));
  const draft = draftOf(table);
  draft.set('host-77', -1);
  const other = finish(draft.freeze());
  let made = 0;
  function* sum(values: readonly number[]): Steps<number> {
    made += 1;
    yield;
    return values.reduce((a, b) => a + b, 0);
  }
  const total = (gathered: readonly { readonly value: number }[]) =>
    gathered.reduce((all, { value }) => all + value, 0);
  const first = finish(gather(table, [], sum));
  expect([total(first), made]).toEqual([12_497_500, table.leaves().length]);
  made = 0;
  const second = finish(gather(other, first, sum));
  expect([total(second), made]).toEqual([12_497_500 - 78, 1]);
  expect(second.filter((each, index) => each !== first[index])).toHaveLength(1);
});
