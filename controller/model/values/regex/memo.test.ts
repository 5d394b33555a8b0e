import { expect, test } from 'vitest';
import { createMemo } from './memo.ts';

test('recent results are remembered, in bounded memory', () => {
  const remembered = createMemo<string>(2100);
  const calculated: string[] = [];
  const ask = (key: string) =>
    remembered(key, () => {
      calculated.push(key);
      return `result of ${key}`;
    });
  const key = (at: number) => String(at).padStart(10, '0');
  expect(ask(key(0))).toBe(`result of ${key(0)}`);
  for (let at = 1; at < 40; at += 1) {
    ask(key(at));
    expect(ask(key(0))).toBe(`result of ${key(0)}`);
  }
  // Requested again and again, so never forgotten; the others are requested once.
  expect(calculated).toHaveLength(40);
  ask(key(39));
  expect(calculated).toHaveLength(40);
  ask(key(1));
  expect(calculated).toHaveLength(41);
});
