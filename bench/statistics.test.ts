import { expect, test } from 'vitest';
import { interleave } from './rounds.ts';
import { latencyFigures, quantile, slope } from './statistics.ts';

test('quantile and latencyFigures accept unsorted samples', () => {
  const samples = [5, 1, 4, 2, 3];
  expect([quantile(samples, 0), quantile(samples, 0.5), quantile(samples, 0.99)]).toEqual([1, 3, 5]);
  expect(quantile([], 0.5)).toBeNaN();
  expect(latencyFigures(samples)).toEqual({ samples: 5, 'p50 ms': 3, 'p90 ms': 5, 'p99 ms': 5, 'max ms': 5 });
});

test('slope returns the slope of points on a line, and NaN for a single point', () => {
  expect(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toBeCloseTo(2);
  expect(slope([[0, 1]])).toBeNaN();
});

test('interleave calls the subjects in reverse order in every other round', async () => {
  const order: string[] = [];
  const subject = (name: string) => async (round: number) => {
    order.push(`${name}${round}`);
    return round;
  };
  const results = await interleave(3, { a: subject('a'), b: subject('b') });
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2']);
  expect(results).toEqual({ a: [0, 1, 2], b: [0, 1, 2] });
});
