import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCoalescer } from './coalesce.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function setUp(durationMs = 0) {
  const runs: number[] = [];
  const coalescer = createCoalescer({ quietMs: 50, spacingMs: 1500 }, async () => {
    runs.push(performance.now());
    if (durationMs > 0) await new Promise((resolve) => setTimeout(resolve, durationMs));
  });
  return { runs, coalescer };
}

test('a lone change waits for the quiet time only', async () => {
  const { runs, coalescer } = setUp();
  const start = performance.now();
  coalescer.request();
  await vi.advanceTimersByTimeAsync(49);
  expect(runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toEqual([start + 50]);
});

test('fifty changes within a second are at most two runs', async () => {
  const { runs, coalescer } = setUp(200);
  for (let change = 0; change < 50; change += 1) {
    coalescer.request();
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.length).toBeLessThanOrEqual(2);
});

test('changes that never rest are not put off beyond the spacing', async () => {
  const { runs, coalescer } = setUp();
  const start = performance.now();
  for (let change = 0; change < 200; change += 1) {
    coalescer.request();
    await vi.advanceTimersByTimeAsync(40);
  }
  expect(runs[0]).toBeLessThanOrEqual(start + 1500);
  for (const [index, run] of runs.entries())
    if (index > 0) expect(run - (runs[index - 1] ?? 0)).toBeGreaterThanOrEqual(1500);
});

test('a change during a run is run after it', async () => {
  const { runs, coalescer } = setUp(3000);
  coalescer.request();
  await vi.advanceTimersByTimeAsync(100);
  coalescer.request();
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toHaveLength(2);
});

test('nothing runs after stop', async () => {
  const { runs, coalescer } = setUp();
  coalescer.request();
  coalescer.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toEqual([]);
});
