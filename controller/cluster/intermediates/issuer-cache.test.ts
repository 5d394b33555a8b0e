import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Fetched } from './fetch-issuer.ts';
import { cached } from './issuer-cache.ts';

const GOOD: Fetched = { ok: true, certificates: [] };
const BAD: Fetched = { ok: false, reason: 'no' };
const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('for each URL, a fetched certificate is cached for a day, and a failure for half a minute', async () => {
  const asked: string[] = [];
  const ask = cached(async (url) => {
    asked.push(url);
    return url === 'bad' ? BAD : GOOD;
  });
  for (const url of ['good', 'bad', 'good', 'bad']) await ask(url);
  expect(asked).toEqual(['good', 'bad']);
  vi.advanceTimersByTime(MINUTE);
  expect([await ask('good'), await ask('bad')]).toEqual([GOOD, BAD]);
  expect(asked).toEqual(['good', 'bad', 'bad']);
  vi.advanceTimersByTime(24 * 60 * MINUTE);
  await ask('good');
  expect(asked).toEqual(['good', 'bad', 'bad', 'good']);
});

test('simultaneous requests for a URL share one fetch, and at most eight URLs are fetched at the same time', async () => {
  const pending = new Map<string, (fetched: Fetched) => void>();
  const ask = cached(
    (url) =>
      new Promise((resolve) => {
        pending.set(url, resolve);
      }),
  );
  const urls = Array.from({ length: 20 }, (_, index) => `u${index}`);
  const answers = Promise.all([...urls, ...urls].map(ask));
  expect([...pending.keys()]).toEqual(urls.slice(0, 8));
  for (const url of urls) {
    pending.get(url)?.(GOOD);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect([...pending.keys()]).toEqual(urls);
  expect(await answers).toHaveLength(40);
});
