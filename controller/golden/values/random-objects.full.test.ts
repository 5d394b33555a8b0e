/** Tests the property of random-objects.test.ts with more and different objects. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMaterials } from './contents.ts';
import { type Judge, startJudge } from './nginx.ts';
import { type Found, tryObjects } from './objects-property.ts';

let judge: Judge;

beforeAll(async () => {
  judge = await startJudge();
});

afterAll(async () => judge?.end());

test('nginx accepts every configuration for random objects, and loads files with their random contents', async () => {
  const materials = makeMaterials();
  const found: Found = { sites: 0, tests: 0, files: 0, refused: [] };
  for (let seed = 1000; seed < 1100; seed += 1) await tryObjects(judge, materials, seed, 100, found);
  expect(found.refused).toEqual([]);
  expect(found.files).toBeGreaterThan(500);
}, 600_000);
