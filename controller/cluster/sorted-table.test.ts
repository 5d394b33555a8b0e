import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTable } from './sorted-table.ts';

const key = fc.integer({ min: 0, max: 60 }).map((number) => `k${number}`);
const edit = fc.record({ key, value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined, freq: 2 }) });
const step = fc.oneof(
  { weight: 8, arbitrary: edit },
  { weight: 1, arbitrary: fc.array(edit, { minLength: 20, maxLength: 80 }) },
  { weight: 4, arbitrary: fc.constant('freeze' as const) },
  { weight: 2, arbitrary: fc.nat().map((index) => ({ index })) },
);

function inOrder(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('every version stays what it was, in the order of its keys, whatever comes after it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = createTable<number>();
      const plain = new Map<string, number>();
      const versions: { frozen: ReadonlyMap<string, number>; expected: ReadonlyMap<string, number> }[] = [];
      function check({ frozen, expected }: (typeof versions)[number]): void {
        expect([...frozen]).toEqual(inOrder(expected));
        expect([...frozen.keys()]).toEqual(inOrder(expected).map(([name]) => name));
        expect([...frozen.values()]).toEqual(inOrder(expected).map(([, value]) => value));
        expect(frozen.size).toBe(expected.size);
        for (let number = 0; number <= 60; number += 1) {
          expect(frozen.get(`k${number}`)).toBe(expected.get(`k${number}`));
          expect(frozen.has(`k${number}`)).toBe(expected.has(`k${number}`));
        }
      }
      for (const each of steps) {
        if (each === 'freeze') versions.push({ frozen: table.freeze(), expected: new Map(plain) });
        else if ('index' in each) versions.slice(each.index % (versions.length + 1)).forEach(check);
        else {
          for (const { key: name, value } of Array.isArray(each) ? each : [each]) {
            table.set(name, value);
            if (value === undefined) plain.delete(name);
            else plain.set(name, value);
            expect(table.get(name)).toBe(value);
          }
          expect(new Map([...table.keys()].map((name) => [name, table.get(name)]))).toEqual(plain);
        }
      }
      versions.forEach(check);
    }),
    { numRuns: 400 },
  );
});

test('a version goes on being read rightly while edits come in between', () => {
  const table = createTable<string>();
  for (const name of ['a', 'b', 'c']) table.set(name, 'old');
  const version = table.freeze();
  const seen: string[] = [];
  version.forEach((value, name, self) => {
    expect(self).toBe(version);
    seen.push(`${name} ${value}`);
    table.set('b', undefined);
    table.set('c', 'new');
    table.set('bb', 'new');
    if (name === 'a') table.freeze();
  });
  expect(seen).toEqual(['a old', 'b old', 'c old']);
  expect([...table.freeze()]).toEqual([
    ['a', 'old'],
    ['bb', 'new'],
    ['c', 'new'],
  ]);
});

test('without an edit there is no new version', () => {
  const table = createTable<number>();
  const empty = table.freeze();
  expect(table.freeze()).toBe(empty);
  table.set('a', 1);
  const one = table.freeze();
  table.set('a', 1);
  table.set('b', undefined);
  expect(table.freeze()).toBe(one);
  expect([...empty]).toEqual([]);
});

test('an old version that somebody keeps does not keep everything that came later', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const table = createTable<object>();
  for (let number = 0; number < 10; number += 1) table.set(`k${number}`, { number });
  const old = table.freeze();
  const passing: WeakRef<object>[] = [];
  for (let number = 0; number < 6000; number += 1) {
    const value = { number };
    if (number > 2000 && number < 4000) passing.push(new WeakRef(value));
    table.set(`k${number % 10}`, value);
    table.freeze();
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  collect();
  expect(passing.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  expect([...old].map(([, value]) => value)).toEqual(Array.from({ length: 10 }, (_, number) => ({ number })));
});
