import { expect, test } from 'vitest';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

test('concurrent loops process many items in each turn of the event loop', async () => {
  const items = 3000;
  const done = [0, 0, 0];
  let turns = 0;
  let over = false;
  const count = () => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  async function loop(index: number): Promise<void> {
    while ((done[index] ?? 0) < items) {
      done[index] = (done[index] ?? 0) + 1;
      await yieldToEventLoop();
    }
  }
  await Promise.all(done.map((_, index) => loop(index)));
  over = true;
  expect(done).toEqual([items, items, items]);
  expect(turns).toBeLessThan(items / 3);
});

test('all callers that wait are resumed, in the order of their calls', async () => {
  const seen: number[] = [];
  async function loop(index: number): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      const from = performance.now();
      while (performance.now() - from < 3);
      seen.push(index);
      await yieldToEventLoop();
    }
  }
  await Promise.all([0, 1, 2].map((index) => loop(index)));
  expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
});
