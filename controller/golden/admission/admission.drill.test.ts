import { expect, test } from 'vitest';
import { assertVerdictForEverything } from './hostile.ts';
import { assertVerdicts } from './property.ts';

const RUNS = Number(process.env['ADMISSION_RUNS'] ?? 600);

test('verdicts about many random Ingresses equal what builds from scratch say', async () => {
  const { admitted, warned, denied } = await assertVerdicts(RUNS, Date.now() % 2 ** 31, 15);
  console.log(`verdicts compared: ${admitted} admitted, ${warned} warned, ${denied} denied`);
  expect(Math.min(admitted, warned, denied)).toBeGreaterThan(RUNS / 10);
}, 1_200_000);

test('there is a verdict about every object', async () => {
  const { built, denied } = await assertVerdictForEverything(RUNS * 30, Date.now() % 2 ** 31);
  expect(built).toBeGreaterThan(RUNS * 10);
  expect(denied).toBeGreaterThan(RUNS);
}, 1_200_000);
