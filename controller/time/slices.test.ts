import { expect, test } from 'vitest';
import type { Steps } from '../types/steps.ts';
import { eachInSlices, inSlices } from './slices.ts';

test('other work gets its turn between the steps', async () => {
  const others = { turns: 0 };
  const timer = setInterval(() => (others.turns += 1), 0);
  function* steps(): Steps<string> {
    while (others.turns < 3) yield;
    return 'done';
  }
  expect(await inSlices(steps())).toBe('done');
  clearInterval(timer);
});

test('a long list is processed in order, with turns for other work', async () => {
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

test('an error in a step rejects', async () => {
  function* steps(): Steps<never> {
    yield;
    throw new Error('no');
  }
  await expect(inSlices(steps())).rejects.toThrow('no');
});
