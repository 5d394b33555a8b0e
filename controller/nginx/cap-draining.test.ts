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
  ['one worker too many is draining, and the oldest worker has to end', [1, 2, 3, 4, 4], 2, 0, 1],
  ['all workers of the oldest generation have to end together', [1, 1, 2, 2, 4, 4], 3, 0, 1],
  ['the workers are listed in another order', [4, 2, 4, 1, 3], 1, 0, 2],
  ['no worker may be draining, and all draining workers have to end', [1, 2, 3, 4], 0, 0, 3],
  ['workers that NGINX was already requested to end do not count', [1, 2, 3, 4, 4], 2, 1, undefined],
  [
    'as many generations as the default allows, eight, are draining',
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    undefined,
    0,
    undefined,
  ],
  [
    'nine generations, one more than the default allows, are draining',
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    undefined,
    0,
    1,
  ],
])('which generation of workers has to end if %s', (_, generations, most, told, expected) => {
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

test('the oldest draining workers are requested to end only once, and the log names the flag', async () => {
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
