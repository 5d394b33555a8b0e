import { expect, test } from 'vitest';
import { createMemo } from './memo.ts';

test('a memo remembers recent results in bounded memory', () => {
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
  // Key 0 is requested again and again, so it is never forgotten; each of the other keys was requested once.
  expect(calculated).toHaveLength(40);
  ask(key(39));
  expect(calculated).toHaveLength(40);
  ask(key(1));
  expect(calculated).toHaveLength(41);
});
