import { expect, test } from 'vitest';
import type { Steps } from '../types/steps.ts';
import { beginSlices, eachInSlices, inSlices } from './slices.ts';

test('other work runs between the steps of a long calculation', async () => {
  const others = { turns: 0 };
  const timer = setInterval(() => (others.turns += 1), 0);
  function* steps(): Steps<string> {
    while (others.turns < 3) yield;
    return 'done';
  }
  expect(await inSlices(steps())).toBe('done');
  clearInterval(timer);
});

test('a long list is processed in order, and other work runs between its items', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const items = Array.from({ length: 200 }, (_, n) => n);
  const seen: number[] = [];
  await eachInSlices(items, (item) => {
    for (const from = performance.now(); performance.now() - from < 0.2;);
    seen.push(item);
  });
  clearInterval(timer);
  expect(seen).toEqual(items);
  expect(turns).toBeGreaterThan(1);
});

test('an error in a step rejects the promise of the calculation', async () => {
  function* steps(): Steps<never> {
    yield;
    throw new Error('no');
  }
  await expect(inSlices(steps())).rejects.toThrow('no');
});

test('of several long calculations, only one advances in each turn of the event loop', async () => {
  let turn = 0;
  let over = false;
  const count = () => {
    turn += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const turnsOf = new Map<string, Set<number>>();
  function* steps(name: string): Steps<void> {
    const turns = new Set<number>();
    turnsOf.set(name, turns);
    for (const from = performance.now(); performance.now() - from < 60;) {
      if (turn > 1) turns.add(turn);
      yield;
    }
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  function* last(): Steps<void> {
    yield* steps('begun');
    resolve();
  }
  beginSlices(last());
  await Promise.all([inSlices(steps('one')), inSlices(steps('other')), promise]);
  over = true;
  const all = [...turnsOf.values()].map((turns) => [...turns]);
  expect(all.map((turns) => turns.length > 1)).toEqual([true, true, true]);
  expect(new Set(all.flat()).size).toBe(all.flat().length);
});
