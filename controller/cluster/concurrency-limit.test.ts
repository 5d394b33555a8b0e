import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrency-limit.ts';

test('a concurrency limit runs at most `width` tasks at the same time, in order, even after failures', async () => {
  const limit = createConcurrencyLimit(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const runs = Array.from({ length: 9 }, (_, index) =>
    limit.run(async () => {
      inside += 1;
      most = Math.max(most, inside);
      order.push(index);
      await sleep(1);
      inside -= 1;
      if (index === 1) throw new Error('one fails');
    }),
  );
  const results = await Promise.allSettled(runs);
  expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(2);
});
