import { expect, test } from 'vitest';
import { assertVerdictForEverything } from './hostile.ts';
import { assertVerdicts } from './property.ts';

test('a denied Ingress would have a Problem for which it is denied, and one admitted without a warning would have none', async () => {
  const { admitted, warned, denied } = await assertVerdicts(20, 20_261_130, 12);
  expect(Math.min(admitted, warned, denied)).toBeGreaterThan(3);
}, 300_000);

test('there is a verdict about every object, and its texts are safe and within their limits', async () => {
  const { built, denied } = await assertVerdictForEverything(300, 20_261_130);
  expect(built).toBeGreaterThan(100);
  expect(denied).toBeGreaterThan(20);
}, 120_000);
