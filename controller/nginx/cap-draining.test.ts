import { afterEach, beforeEach, expect, test } from 'vitest';
import { capDraining, surplusGeneration } from './cap-draining.ts';
import { fakeLiveApi } from './fixtures/fake-live-api.ts';
import type { FakeLiveApi } from './fixtures/fake-live-api.ts';
import { until } from './fixtures/run-folder.ts';
import { createLiveApi } from './live-api.ts';
import type { LiveApi, LiveState } from './live-api.ts';

function stateOf(generations: readonly number[]): LiveState {
  return {
    revision: 1,
    digest: '',
    capacity: 1,
    free: 1,
    conf: 'c',
    generation: 1,
    closedEarly: 0,
    master: { pid: 1, start: '1', idle: true },
    workers: generations.map((generation, id) => ({ pid: 10 + id, id, generation, conf: 'c', count: 2 })),
  };
}

test.each([
  ['no worker is draining', [4, 4], 2, 0, undefined],
  ['as many as allowed', [1, 2, 4, 4], 2, 0, undefined],
  ['the oldest has to go', [1, 2, 3, 4, 4], 2, 0, 1],
  ['a generation ends as a whole', [1, 1, 2, 2, 4, 4], 3, 0, 1],
  ['in any order', [4, 2, 4, 1, 3], 1, 0, 2],
  ['all of them', [1, 2, 3, 4], 0, 0, 3],
  ['workers that are ending do not count', [1, 2, 3, 4, 4], 2, 1, undefined],
  ['eight generations by default', [1, 2, 3, 4, 5, 6, 7, 8, 9], undefined, 0, undefined],
  ['and not nine', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], undefined, 0, 1],
])('%s', (_, generations, most, told, expected) => {
  expect(surplusGeneration(stateOf(generations), most, told)?.generation).toBe(expected);
});

let fake: FakeLiveApi;
let api: LiveApi;
beforeEach(async () => {
  fake = await fakeLiveApi();
  api = createLiveApi(fake.socket, 1000);
});
afterEach(async () => {
  await api.close();
  await fake.close();
});

test('the oldest are told once, and the log names the flag', async () => {
  const logged: string[] = [];
  const cap = capDraining({ api, log: (line) => logged.push(line), most: 1, afterMs: 10 });
  fake.generations = [1, 1, 2, 3];
  cap.look();
  cap.look();
  await until('the order', () => logged.length === 1);
  expect(fake.ended).toEqual([1]);
  expect(logged[0]).toBe(
    '3 workers of earlier configurations are draining, 1 may (--max-draining-workers): the oldest 2 close their connections',
  );
  fake.generations = [1, 1, 2, 3, 4];
  cap.look();
  await until('the next order', () => fake.ended.length === 2);
  expect(fake.ended).toEqual([1, 2]);
  cap.stop();
});
