import { expect, test } from 'vitest';
import { completeGeneration, countWorkers, livingGenerations, newestConf, summaryOf, workersOf } from './generation.ts';
import type { LiveState } from './live-api.ts';

const CONF = '0123456789abcdef';

function state(start: string, pids: readonly number[], generation = 1, conf = CONF): LiveState {
  const workers = pids.map((pid, id) => ({ pid, id, generation, conf, count: 2 }));
  const master = { pid: 1, start, idle: true };
  return { revision: 1, digest: '', capacity: 1, free: 1, conf, generation, master, closedEarly: 0, workers };
}

test('a generation of workers is complete when all of its workers have registered', () => {
  expect(completeGeneration(state('100', [8]), CONF, new Set())).toBeUndefined();
  expect(completeGeneration(state('100', [8, 9]), CONF, new Set())).toBe(1);
  expect(completeGeneration(state('100', [8, 9]), 'fedcba9876543210', new Set())).toBeUndefined();
});

test('workers that existed before the reload do not make a generation complete', () => {
  const before = workersOf(state('100', [8, 9]));
  expect(completeGeneration(state('100', [8, 9]), CONF, before)).toBeUndefined();
  expect(completeGeneration(state('100', [10, 11], 2), CONF, before)).toBe(2);
});

test('workers of a restarted container count as new workers, even if they have the pids of former workers', () => {
  expect(completeGeneration(state('200', [8, 9]), CONF, workersOf(state('100', [8, 9])))).toBe(1);
});

test('the newest configuration is that of the newest workers, whichever worker answers', () => {
  const old = state('100', [8, 9]);
  const young = state('100', [10, 11], 2, 'fedcba9876543210');
  expect(newestConf({ ...old, workers: [...old.workers, ...young.workers] })).toBe('fedcba9876543210');
  expect(newestConf({ ...old, workers: [] })).toBe(CONF);
});

test('workers of older generations count as draining', () => {
  const workers = [
    ...state('1', [8, 9], 1).workers,
    ...state('1', [10], 3).workers,
    ...state('1', [12, 13], 4).workers,
  ];
  const all = { ...state('1', []), workers, closedEarly: 7 };
  expect(countWorkers(all)).toEqual({
    serving: 2,
    draining: 3,
    drainingGenerations: 2,
    closedEarly: 7,
    live: { capacity: 1, free: 1 },
  });
  expect(livingGenerations(all)).toEqual({ oldest: 1, newest: 4 });
  expect(summaryOf(all)).toMatchObject({
    generation: 4,
    conf: CONF,
    revision: 1,
    workers: { serving: 2, draining: 3 },
  });
});
