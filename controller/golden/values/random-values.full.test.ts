/** Tests the properties of random-values.test.ts with more and different values. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Judge, startJudge } from './nginx.ts';
import { compareNeighbours, newTally, tryAnnotations, trySettings } from './property.ts';
import { randomOf } from './random.ts';

const MINUTES = 60_000;
const FINE = { refused: [], silent: [], unknown: new Set() };

let judge: Judge;

beforeAll(async () => {
  judge = await startJudge();
});

afterAll(async () => judge?.end());

test(
  'nginx accepts the annotations that the model accepts, and a Problem reports each other annotation',
  async () => {
    const tally = newTally();
    for (let seed = 1000; seed < 1020; seed += 1) await tryAnnotations(judge, seed, 300, tally);
    expect(tally).toMatchObject(FINE);
  },
  10 * MINUTES,
);

test(
  'nginx accepts the settings that the model accepts, and a Problem reports each other setting',
  async () => {
    const tally = newTally();
    for (let seed = 1000; seed < 1150; seed += 1) await trySettings(judge, seed, seed % 2 === 0 ? 0.8 : 0.2, tally);
    expect(tally).toMatchObject(FINE);
  },
  10 * MINUTES,
);

test(
  'a rejected value does not affect other values',
  () => {
    const random = randomOf(1000);
    let compared = 0;
    while (compared < 250) compared += compareNeighbours(random);
  },
  10 * MINUTES,
);
