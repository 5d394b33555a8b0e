/** What is remembered about Problems and Outcomes, for how long, and within which bounds. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Problem } from '../../types/problem.ts';
import { createOutcomeHistory } from './outcomes.ts';
import { createProblemHistory, type ProblemChanges } from './problems.ts';

const HOUR = 3_600_000;

function problem(name: string, severity: Problem['severity'] = 'error'): Problem {
  const object = { kind: 'Ingress', namespace: 'shop', name };
  return { code: 'annotation', severity, effect: 'none', object, field: ['spec'], message: 'is wrong' };
}

function namesOf(seen: Iterable<{ readonly problem: Problem }>): string[] {
  return [...seen].map((each) => each.problem.object?.name ?? '');
}

test('a Problem keeps the time at which it was first reported, moves to the solved ones, and is forgotten', () => {
  let now = 0;
  const changes: ProblemChanges[] = [];
  const history = createProblemHistory(
    () => now,
    (each) => changes.push(each),
  );
  history.report([problem('a'), problem('b', 'warning')]);
  now = 5 * 60_000;
  history.report([problem('a'), problem('b', 'warning')]);
  expect([...history.open()].map(({ since }) => since)).toEqual([0, 0]);
  expect(history.counts()).toEqual({ errors: 1, warnings: 1, notices: 0, withoutEndpoints: 0 });
  now = 6 * 60_000;
  history.report([problem('b', 'warning')]);
  expect(namesOf(history.open())).toEqual(['b']);
  expect(history.solved()).toMatchObject([{ since: 0, solved: 6 * 60_000, problem: { object: { name: 'a' } } }]);
  now += HOUR;
  history.report([problem('a'), problem('b', 'warning')]);
  expect([...history.open()].map(({ since }) => since)).toEqual([now, 0]);
  now += 23 * HOUR;
  expect(history.solved()).toEqual([]);
  expect(changes.map(({ appeared, solved }) => [appeared.length, solved.length])).toEqual([
    [2, 0],
    [0, 1],
    [1, 0],
  ]);
});

test('equal Problems of one report count once', () => {
  const history = createProblemHistory(() => 0);
  history.report([problem('a'), problem('a')]);
  expect(namesOf(history.open())).toEqual(['a']);
});

test('at most 1,000 solved Problems are remembered: the newest ones', () => {
  const history = createProblemHistory(() => 0);
  for (let round = 0; round < 30; round += 1) {
    history.report(Array.from({ length: 50 }, (_, index) => problem(`${round}-${index}`)));
    history.report([]);
  }
  expect(history.solved()).toHaveLength(1000);
  expect(history.solved()[0]?.problem.object?.name).toBe('29-49');
  expect(namesOf(history.solved())).not.toContain('9-49');
});

test('a long list is compared in several turns of the event loop, and a later report waits for nothing', async () => {
  const history = createProblemHistory(() => 0);
  const many = Array.from({ length: 20_000 }, (_, index) => problem(`${index}`));
  history.report(many);
  expect(namesOf(history.open())).toEqual([]);
  for (let turn = 0; turn < 1000 && history.counts().errors === 0; turn += 1) await setImmediate();
  expect(history.counts().errors).toBe(20_000);
  history.report(many.slice(1));
  history.report(many.slice(2));
  while (history.counts().errors !== 19_998) await setImmediate();
  expect(namesOf(history.solved())).toEqual(['1', '0']);
});

test('the last 200 Outcomes are remembered with at most five reasons; live data without a change is not', () => {
  let now = 0;
  const added: string[] = [];
  const history = createOutcomeHistory(
    () => now,
    ({ kind }) => added.push(kind),
  );
  history.record('live', { kind: 'none' }, ['an unused Service']);
  expect(history.last(10)).toEqual([]);
  for (; now < 250; now += 1)
    history.record(
      'live',
      { kind: 'live', set: 1, removed: 0, revision: now, ms: 1.23 },
      ['a', 'b', 'c', 'd', 'e', 'f'],
      2.34,
    );
  expect(history.last(1000)).toHaveLength(200);
  expect(history.last(1)).toEqual([
    {
      at: new Date(249).toISOString(),
      step: 'live',
      kind: 'live',
      reasons: ['a', 'b', 'c', 'd', 'e'],
      moreReasons: 1,
      sinceMs: 2.3,
      ms: 1.2,
      set: 1,
      removed: 0,
      revision: 249,
    },
  ]);
  expect(history.lastOf('structure')).toBeUndefined();
  history.record('structure', { kind: 'failed', message: 'x'.repeat(10_000), errorLog: [], ms: 1 }, []);
  expect(history.lastOf('structure')?.message).toHaveLength(2001);
  expect(history.lastOf('live')?.revision).toBe(249);
  expect(added).toHaveLength(251);
});
