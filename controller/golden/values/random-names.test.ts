/** Random texts in fields other than annotations, checked by `nginx -t` of this machine. `npm run fuzz` tries more. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Judge, startJudge } from './nginx.ts';
import { newNamesTally, tryNames } from './names-property.ts';

let judge: Judge;

beforeAll(async () => {
  judge = await startJudge();
});

afterAll(async () => judge?.end());

test('no text in a name, UID, label, host, path or port changes the structure of nginx.conf', async () => {
  const tally = newNamesTally();
  for (let seed = 1; seed <= 4; seed += 1) await tryNames(judge, seed, 100, tally);
  expect(tally).toMatchObject({ refused: [], changed: new Set() });
  expect(tally.texts).toBeGreaterThan(1000);
});
