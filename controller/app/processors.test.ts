import { describe, expect, test } from 'vitest';
import { processors, processorsFrom } from './processors.ts';

describe('the CPU limit of the NGINX container', () => {
  test.each([
    ['2', 2],
    ['1.5', 2],
    ['1500m', 2],
    ['100m', 1],
    ['0.1', 1],
    [' 3\n', 3],
    ['16', 16],
    ['64', 64],
    ['65', 64],
    ['200', 64],
  ])('a limit of %s gives %i processors, whatever the cgroup quota of this process', (envLimit, expected) => {
    expect(processorsFrom({ envLimit, cgroupMax: '100000 100000', available: 4 })).toBe(expected);
  });

  test.each(['', '0', '0m', 'max', 'two', '-1', '1e3', '1.', 'NaN', '2 cores'])('%j is not a limit', (envLimit) => {
    expect(processorsFrom({ envLimit, cgroupMax: undefined, available: 4 })).toBe(4);
  });
});

describe('the cgroup quota', () => {
  test.each([
    ['version 2', '150000 100000\n', 2],
    ['version 2, whole processors', '300000 100000\n', 3],
    ['version 2, less than one processor', '1000 100000\n', 1],
    ['version 2, another period', '50000 25000\n', 2],
    ['version 2, without a quota', 'max 100000\n', 8],
    ['version 1', '250000 100000', 3],
    ['version 1, without a quota', '-1 100000', 8],
    ['more than the available processors', '1600000 100000', 8],
    ['empty', '', 8],
    ['a quota without a period', '100000', 8],
    ['period 0', '100000 0', 8],
    ['quota 0', '0 100000', 8],
    ['no file', undefined, 8],
  ])('%s: the quota %j gives %i processors', (_, cgroupMax, expected) => {
    expect(processorsFrom({ envLimit: undefined, cgroupMax, available: 8 })).toBe(expected);
  });
});

test('without a limit, the number of processors is capped at 64', () => {
  expect(processorsFrom({ envLimit: undefined, cgroupMax: undefined, available: 256 })).toBe(64);
});

test('this machine has at least one processor', async () => {
  expect(await processors()).toBeGreaterThanOrEqual(1);
});
