import { expect, test } from 'vitest';
import { pause } from './pause.ts';

test('a pause ends when its signal aborts, or immediately if the signal is already aborted', async () => {
  const abort = new AbortController();
  const began = performance.now();
  setTimeout(() => abort.abort(), 10);
  await pause(10_000, abort.signal);
  await pause(10_000, abort.signal);
  expect(performance.now() - began).toBeLessThan(2000);
});
