import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runBench } from './bench.ts';
import type { Bench } from './bench.ts';
import type { Result } from './result.ts';
import { size, sizes } from './sizes.ts';

const MEASURED = { rounds: 1, sizes: { sites: 3 }, figures: [{ subject: 'a', values: { ms: 1 } }], ratios: [] };
const base: Omit<Bench, 'measure'> = { name: 'mine', title: 'A title', about: 'How.', minutes: 1 };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-test-'));
  vi.stubEnv('TIDEGATE_BENCH_RESULTS', folder);
  vi.spyOn(console, 'log').mockReturnValue(undefined);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test('runBench writes figures, machine and versions, and calls deferred functions in reverse order', async () => {
  const undone: string[] = [];
  await runBench({
    ...base,
    async measure(scope) {
      scope.defer(() => undone.push('first'));
      const early = scope.defer(() => undone.push('early'));
      scope.defer(() => undone.push('last'));
      await early();
      return MEASURED;
    },
  });
  expect(undone).toEqual(['early', 'last', 'first']);
  const [file = ''] = readdirSync(folder);
  const result = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Result;
  expect(result.versions.nginx).toContain(file.slice('mine.'.length, -'.json'.length));
  expect(result).toMatchObject({ name: 'mine', title: 'A title', ...MEASURED });
  expect(result.versions.nginx).toMatch(/^\d+\.\d+\.\d+/);
  expect(result.machine.cores).toBeGreaterThan(0);
});

test('runBench aborts a bench that takes too long, calls its deferred functions, and allows no new ones', async () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const undone: string[] = [];
  const late = Promise.withResolvers<unknown>();
  const hanging = Promise.withResolvers<undefined>();
  await runBench({
    ...base,
    minutes: 0.001,
    async measure(scope) {
      scope.defer(() => undone.push('started'));
      await hanging.promise;
      try {
        scope.defer(() => undone.push('late'));
      } catch (error) {
        late.resolve(error);
      }
      return MEASURED;
    },
  });
  expect(undone).toEqual(['started']);
  expect(exit).toHaveBeenCalledWith(1);
  expect(readdirSync(folder)).toEqual([]);
  hanging.resolve(undefined);
  expect(await late.promise).toEqual(new Error('the bench is over'));
  expect(undone).toEqual(['started', 'late']);
});

test('sizes are read from environment variables, and the error about an invalid number names the variable', () => {
  expect(sizes('SITES', [1, 2])).toEqual([1, 2]);
  vi.stubEnv('TIDEGATE_BENCH_SITES', '30,1000');
  expect(sizes('SITES', [1])).toEqual([30, 1000]);
  expect(() => size('SITES', 5)).toThrow('TIDEGATE_BENCH_SITES: expected one number, for example 5');
  vi.stubEnv('TIDEGATE_BENCH_SITES', '30,x');
  expect(() => sizes('SITES', [7, 9])).toThrow(
    'TIDEGATE_BENCH_SITES=30,x: expected numbers from 1 on, for example 7,9',
  );
});
