import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCoalescer } from './coalesce.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function setUp(durationMs = 0, busy = () => false) {
  const runs: number[] = [];
  const run = async () => {
    runs.push(performance.now());
    if (durationMs > 0) await new Promise((resolve) => setTimeout(resolve, durationMs));
  };
  const coalescer = createCoalescer({ quietMs: 50, spacingMs: 1500, patienceMs: 5000 }, run, busy);
  return { runs, coalescer };
}

test('a single change leads to a run as soon as the quiet time has passed', async () => {
  const { runs, coalescer } = setUp();
  const start = performance.now();
  coalescer.request();
  await vi.advanceTimersByTimeAsync(49);
  expect(runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toEqual([start + 50]);
});

test('fifty changes within a second lead to at most two runs', async () => {
  const { runs, coalescer } = setUp(200);
  for (let change = 0; change < 50; change += 1) {
    coalescer.request();
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.length).toBeLessThanOrEqual(2);
});

test('under continuous changes, a run starts within the spacing, and runs are at least that far apart', async () => {
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

test('a run waits while a build is under way, but no longer than the spacing', async () => {
  let busy = true;
  const { runs, coalescer } = setUp(0, () => busy);
  const start = performance.now();
  coalescer.request();
  await vi.advanceTimersByTimeAsync(400);
  expect(runs).toEqual([]);
  busy = false;
  await vi.advanceTimersByTimeAsync(50);
  expect(runs).toHaveLength(1);
  busy = true;
  coalescer.request();
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toHaveLength(2);
  expect(runs[1]).toBeLessThanOrEqual(start + 450 + 1500);
});

test('a change during a run leads to another run', async () => {
  const { runs, coalescer } = setUp(3000);
  coalescer.request();
  await vi.advanceTimersByTimeAsync(100);
  coalescer.request();
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toHaveLength(2);
});

test('a patient change is applied with the next urgent change, or at the latest when its patience ends', async () => {
  const { runs, coalescer } = setUp();
  const start = performance.now();
  coalescer.request(true);
  await vi.advanceTimersByTimeAsync(3000);
  expect(runs).toEqual([]);
  coalescer.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toEqual([start + 3050]);
  coalescer.request(true);
  await vi.advanceTimersByTimeAsync(4000);
  coalescer.request(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toEqual([start + 3050, start + 13_000 + 5050]);
});

test('no run starts after stop()', async () => {
  const { runs, coalescer } = setUp();
  coalescer.request();
  coalescer.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toEqual([]);
});
