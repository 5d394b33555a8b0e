/** Random entries of TCP and UDP services, checked by `nginx -t` of this machine. `npm run fuzz` tries more of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEntriesTally, tryEntries } from './entries-property.ts';
import { type Judge, startJudge } from './nginx.ts';

let judge: Judge;

beforeAll(async () => {
  judge = await startJudge();
});

afterAll(async () => judge?.end());

test('entries lead to exactly their servers, and nginx accepts every configuration', async () => {
  const tally = newEntriesTally();
  for (let seed = 1; seed <= 6; seed += 1) await tryEntries(judge, seed, 100, tally);
  expect([tally.changed, tally.refused]).toEqual([[], []]);
  expect(tally.accepted).toBeGreaterThan(20);
});
