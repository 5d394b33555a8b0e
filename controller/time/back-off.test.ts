import { expect, it } from 'vitest';
import { backOffMs, fullyRandom, halfRandom } from './back-off.ts';

it('the wait doubles with each failure up to the limit, even after hundreds of failures', () => {
  expect([1, 2, 4, 7, 400].map((failures) => backOffMs(failures, 500, 30_000))).toEqual([
    500, 1_000, 4_000, 30_000, 30_000,
  ]);
});

it('halfRandom() randomizes half of the wait, and fullyRandom() the whole wait', () => {
  expect([0, 1].map((chance) => halfRandom(500, () => chance))).toEqual([250, 500]);
  expect([0, 0.5].map((chance) => fullyRandom(500, () => chance))).toEqual([0, 250]);
});
