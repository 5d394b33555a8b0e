import { expect, it } from 'vitest';
import { TurnQueue } from './turn-queue.ts';

it('take() returns a value of each group in turn, and within a group the value of the oldest key first', () => {
  const queue = new TurnQueue<number>();
  for (const [group, key, value] of [
    ['a', 'x', 1],
    ['a', 'y', 2],
    ['a', 'z', 3],
    ['b', 'x', 4],
    ['a', 'x', 5],
  ] as const)
    queue.set(group, key, value);
  expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b'), queue.sizeOf('c')]).toEqual([4, 3, 1, 0]);
  expect(queue.get('a', 'x')).toBe(5);
  expect(queue.get('b', 'y')).toBeUndefined();
  const taken = Array.from({ length: 4 }, () => queue.take());
  expect(taken.map((each) => each?.value)).toEqual([5, 4, 2, 3]);
  expect([queue.size, queue.take()]).toEqual([0, undefined]);
});
