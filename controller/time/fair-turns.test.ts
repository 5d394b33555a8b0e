import { expect, it } from 'vitest';
import type { Steps } from '../types/steps.ts';
import { createFairTurns } from './fair-turns.ts';

/** A clock that only advances when a calculation computes. */
function setUp() {
  let time = 0;
  const turns = createFairTurns(() => time);
  const log: string[] = [];
  function* compute(name: string, ms: number): Steps<string> {
    for (let done = 0; done < ms; done += 1) {
      time += 1;
      log.push(name);
      yield;
    }
    return name;
  }
  return { log, run: async (owner: string, name: string, ms: number) => turns(owner, () => compute(name, ms)) };
}

it('a short calculation does not wait for long ones of another owner', async () => {
  const { log, run } = setUp();
  const long = Promise.all([run('a', 'a1', 1000), run('a', 'a2', 1000)]);
  expect(await run('b', 'b1', 5)).toBe('b1');
  expect(log.filter((name) => name !== 'b1').length).toBeLessThan(20);
  expect(await long).toEqual(['a1', 'a2']);
});

it('the calculations of an owner run in the order of the calls', async () => {
  const { log, run } = setUp();
  await Promise.all(['a1', 'a2', 'a3'].map(async (name) => run('a', name, 3)));
  expect(log).toEqual(['a1', 'a1', 'a1', 'a2', 'a2', 'a2', 'a3', 'a3', 'a3']);
});

it('owners share the time equally, and one that comes later does not catch up', async () => {
  const { log, run } = setUp();
  const first = run('a', 'a', 200);
  while (log.length < 100) await new Promise(setImmediate);
  const second = run('b', 'b', 50);
  await second;
  const since = log.slice(log.indexOf('b'));
  expect(Math.abs(since.filter((name) => name === 'a').length - 50)).toBeLessThanOrEqual(2);
  await first;
});

it('a calculation that throws rejects, and the others go on', async () => {
  const turns = createFairTurns();
  function* fail(): Steps<never> {
    yield;
    throw new Error('broken');
  }
  function* answer(): Steps<number> {
    yield;
    return 42;
  }
  const results = await Promise.allSettled([turns('a', fail), turns('a', answer), turns('b', answer)]);
  expect(results).toMatchObject([
    { status: 'rejected', reason: { message: 'broken' } },
    { status: 'fulfilled', value: 42 },
    { status: 'fulfilled', value: 42 },
  ]);
  expect(await turns('a', answer)).toBe(42);
});
