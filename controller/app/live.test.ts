import { expect, test, vi } from 'vitest';
import type { LiveDelta } from '../types/live.ts';
import type { Outcome } from '../types/outcome.ts';
import { createLive } from './live.ts';

const TAKEN: Outcome = { kind: 'live', set: 1, removed: 0, revision: 1, ms: 0 };
const REFUSED: Outcome = { kind: 'failed', message: 'NGINX refused live key b:x', errorLog: [], ms: 0 };

/** An NGINX that answers as told, and what was pushed and reported. */
function setUp(answers: readonly Outcome[], retryMs = 1) {
  const pushed: LiveDelta[] = [];
  const reported: Outcome['kind'][] = [];
  const left = [...answers];
  const live = createLive({
    nginx: {
      push: (delta) => {
        pushed.push(delta);
        return Promise.resolve(left.shift() ?? TAKEN);
      },
    },
    report: (outcome) => reported.push(outcome.kind),
    retryMs,
  });
  return { live, pushed, reported };
}

const sending = { reasons: () => ['why'], since: 0, quiet: false };

test('what NGINX refuses is reported, and offered again after a while until it is taken', async () => {
  const { live, pushed, reported } = setUp([REFUSED, REFUSED]);
  live.aim(new Map([['b:x', '1']]), []);
  live.send(true, sending);
  await vi.waitFor(() => expect(reported).toEqual(['failed', 'failed', 'live']));
  expect(pushed.map(({ set }) => set)).toEqual([[['b:x', '1']], [['b:x', '1']], [['b:x', '1']]]);
  live.close();
});

test('a quiet failure is reported all the same, a quiet success is not', async () => {
  const { live, reported } = setUp([TAKEN, REFUSED], 60_000);
  live.aim(new Map([['b:x', '1']]), []);
  live.send(true, { ...sending, quiet: true });
  live.aim(new Map([['b:x', '2']]), []);
  live.send(true, { ...sending, quiet: true });
  await vi.waitFor(() => expect(reported).toEqual(['failed']));
  live.close();
});

test('newer texts go before those of the document, and are part of what is wanted', () => {
  const { live, pushed } = setUp([]);
  const document = new Map([
    ['b:x', 'old'],
    ['b:y', '1'],
  ]);
  live.aim(document, [['b:x', 'new']]);
  live.send(true, sending);
  live.sendBackends([['b:y', '2']], sending);
  expect(pushed.map(({ set }) => set)).toEqual([
    [
      ['b:x', 'new'],
      ['b:y', '1'],
    ],
    [['b:y', '2']],
  ]);
  expect(new Map(live.wanted())).toEqual(
    new Map([
      ['b:x', 'new'],
      ['b:y', '2'],
    ]),
  );
  live.close();
});

test('nothing is pushed where nothing differs', () => {
  const { live, pushed } = setUp([]);
  live.aim(new Map([['b:x', '1']]), []);
  live.held(live.wanted());
  live.send(true, sending);
  live.sendBackends([['b:x', '1']], sending);
  expect(pushed).toEqual([]);
  live.close();
});
