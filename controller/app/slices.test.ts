import { expect, test } from 'vitest';
import type { Steps } from '../types/steps.ts';
import { inSlices } from './slices.ts';

test('others get their turn while the steps go on', async () => {
  const others = { turns: 0 };
  const timer = setInterval(() => (others.turns += 1), 0);
  function* steps(): Steps<string> {
    while (others.turns < 3) yield;
    return 'done';
  }
  expect(await inSlices(steps())).toBe('done');
  clearInterval(timer);
});

test('what fails in a step rejects', async () => {
  function* steps(): Steps<never> {
    yield;
    throw new Error('no');
  }
  await expect(inSlices(steps())).rejects.toThrow('no');
});
