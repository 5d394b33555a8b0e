import { afterEach, beforeEach, expect, test } from 'vitest';
import { capDraining, surplusGeneration } from './cap-draining.ts';
import { fakeLiveApi } from './fixtures/fake-live-api.ts';
import type { FakeLiveApi } from './fixtures/fake-live-api.ts';
import { untilHolds } from './fixtures/run-folder.ts';
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
  ['as many workers as allowed are draining', [1, 2, 4, 4], 2, 0, undefined],
  ['one worker too many: the oldest has to end', [1, 2, 3, 4, 4], 2, 0, 1],
  ['all workers of a generation end together', [1, 1, 2, 2, 4, 4], 3, 0, 1],
  ['the order in which workers are listed does not matter', [4, 2, 4, 1, 3], 1, 0, 2],
  ['none may be draining: all of them have to end', [1, 2, 3, 4], 0, 0, 3],
  ['workers that were already told to end do not count', [1, 2, 3, 4, 4], 2, 1, undefined],
  ['eight generations may be draining by default', [1, 2, 3, 4, 5, 6, 7, 8, 9], undefined, 0, undefined],
  ['nine generations may not be draining by default', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], undefined, 0, 1],
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

test('the oldest workers are told to end once, and the log names the flag', async () => {
  const logged: string[] = [];
  const cap = capDraining({ api, log: (line) => logged.push(line), most: 1, afterMs: 10 });
  fake.generations = [1, 1, 2, 3];
  cap.look();
  cap.look();
  await untilHolds('the order', () => logged.length === 1);
  expect(fake.ended).toEqual([1]);
  expect(logged[0]).toBe(
    '3 workers of earlier configurations are draining, more than the 1 that --max-draining-workers allows: the oldest 2 were told to close their connections',
  );
  fake.generations = [1, 1, 2, 3, 4];
  cap.look();
  await untilHolds('the next order', () => fake.ended.length === 2);
  expect(fake.ended).toEqual([1, 2]);
  cap.stop();
});
