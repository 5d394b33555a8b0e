import { expect, test } from 'vitest';
import { assertVerdicts } from './property.ts';

test('a denied Ingress would have a Problem for which it is denied, and one admitted without a warning would have none', async () => {
  const { admitted, warned, denied } = await assertVerdicts(40, 20_261_130, 12);
  expect(Math.min(admitted, warned, denied)).toBeGreaterThan(3);
}, 300_000);
