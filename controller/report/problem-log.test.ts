import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Problem } from '../types/problem.ts';
import type { Log } from './logger.ts';
import { createProblemLog } from './problem-log.ts';

function problem(name: string, severity: Problem['severity'] = 'error'): Problem {
  const object = { kind: 'Ingress', namespace: 'shop', name };
  return { code: 'annotation', severity, object, field: ['spec'], message: 'is wrong', effect: 'object-ignored' };
}

function recording(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text);
  return { lines, log: { debug: write, info: write, warn: write, error: write } };
}

/** Uses up the whole slice of time for one Problem. */
function slow(): undefined {
  const end = performance.now() + 4;
  while (performance.now() < end);
  return undefined;
}

test('a Problem is logged when it appears and when it is solved, and not in between', () => {
  const { log, lines } = recording();
  const { report, flush } = createProblemLog(log);
  report([problem('web')], () => undefined);
  report([problem('web')], () => undefined);
  flush();
  expect(lines).toEqual([expect.stringContaining('shop/web')]);
  report([], () => undefined);
  flush();
  expect(lines.slice(1)).toEqual([expect.stringMatching(/^solved: .*shop\/web.*is wrong/)]);
});

test('a notice that disappears is not logged as solved', () => {
  const { log, lines } = recording();
  const { report, flush } = createProblemLog(log);
  report([problem('web', 'notice')], () => undefined);
  report([], () => undefined);
  flush();
  expect(lines).toHaveLength(1);
});

test('logging a long list of Problems yields to the event loop and preserves their order', async () => {
  const { log, lines } = recording();
  const { report } = createProblemLog(log);
  report([problem('a'), problem('b'), problem('c')], slow);
  expect(lines).toHaveLength(1);
  report([problem('b'), problem('c'), problem('d')], slow);
  let turns = 0;
  while (lines.length < 5 && turns < 20) {
    await setImmediate();
    turns += 1;
  }
  expect(turns).toBeGreaterThan(2);
  expect(lines.map((line) => /shop\/(\w)/.exec(line)?.[1])).toEqual(['a', 'b', 'c', 'd', 'a']);
  expect(lines.at(-1)).toMatch(/^solved/);
});

test('flush() immediately logs all waiting lines', async () => {
  const { log, lines } = recording();
  const { report, flush } = createProblemLog(log);
  report([problem('a'), problem('b'), problem('c')], slow);
  flush();
  expect(lines).toHaveLength(3);
  await setImmediate();
  expect(lines).toHaveLength(3);
});
