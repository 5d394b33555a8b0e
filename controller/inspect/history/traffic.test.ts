import { expect, test } from 'vitest';
import type { CountedResponses } from '../../types/request-metrics.ts';
import { TRAFFIC } from '../schema/traffic.ts';
import { quantileMs, ratesOf, trafficAnswer } from '../views/traffic.ts';
import { createTrafficHistory } from './traffic.ts';

const BOUNDS = [0.01, 0.1, 1];

function responses(host: string, status: string, requests: number, ms?: number): CountedResponses {
  const durations = ms === undefined ? undefined : { ms: ms * requests, buckets: bucketsOf(ms, requests) };
  return { host, status, requests, durations };
}

function bucketsOf(ms: number, requests: number): readonly number[] {
  const at = BOUNDS.findIndex((bound) => ms <= bound * 1000);
  return [...BOUNDS, Infinity].map((_, index) => (index === (at < 0 ? BOUNDS.length : at) ? requests : 0));
}

/** A history whose clock is set with `at`, in seconds. */
function historyAt(seconds: number) {
  const clock = { at: seconds };
  return { clock, history: createTrafficHistory(() => clock.at * 1000) };
}

test('requests of the last ten minutes are added up by period, with periods in which there were none', () => {
  const { clock, history } = historyAt(1000);
  history.add(responses('a.test', '200', 30, 5));
  history.add(responses('a.test', '404', 3, 5));
  clock.at = 1025;
  history.add(responses('b.test', '503', 2, 200));
  const answer = trafficAnswer({ history, bounds: BOUNDS, stepSeconds: 10 });
  expect(TRAFFIC.parse(answer)).toEqual(answer);
  expect(answer.points.map(({ requests, refused, errors }) => [requests, refused, errors])).toEqual([
    [33, 3, 0],
    [0, 0, 0],
    [2, 0, 2],
  ]);
  expect(answer.points[0]?.p99Ms).toBeCloseTo(9.9, 1);
  expect(answer.points[1]?.p99Ms).toBeNull();
  expect(answer.points.at(-1)?.at).toBe(new Date(1_030_000).toISOString());
  expect(answer.hosts).toEqual([
    { host: 'a.test', rates: { perSecond: 1.32, errorShare: 0, refusedShare: 3 / 33, meanMs: 5 } },
    { host: 'b.test', rates: { perSecond: 0.08, errorShare: 1, refusedShare: 0, meanMs: 200 } },
  ]);
  expect(answer.lastMinute).toMatchObject({ perSecond: 1.4, errorShare: 2 / 35 });
});

test('after a minute, a host without requests is left out; after ten minutes, its requests are', () => {
  const { clock, history } = historyAt(1000);
  history.add(responses('a.test', '200', 30, 5));
  clock.at = 1061;
  expect([...history.hosts()]).toEqual([]);
  expect(history.periods()[0]).toMatchObject({ requests: 30 });
  clock.at = 1601;
  expect(history.periods()).toHaveLength(60);
  expect(history.periods().reduce((sum, { requests }) => sum + requests, 0)).toBe(0);
});

test('more than 20,000 hosts are only counted in the sums of all hosts', () => {
  const { history } = historyAt(1000);
  for (let index = 0; index < 20_100; index += 1) history.add(responses(`h${index}.test`, '200', 1));
  expect(history.hosts().size).toBe(20_000);
  expect(history.periods().at(-1)?.requests).toBe(20_100);
});

test('a clock that is set back neither loses requests nor shows periods of the future', () => {
  const { clock, history } = historyAt(1000);
  history.add(responses('a.test', '200', 1));
  clock.at = 900;
  history.add(responses('a.test', '200', 1));
  expect(history.periods()).toEqual([]);
  clock.at = 1000;
  expect(history.periods().at(-1)).toMatchObject({ requests: 2 });
});

test.each([
  [0.5, [10, 0, 0, 0], 5],
  [0.5, [0, 10, 0, 0], 55],
  [0.99, [0, 0, 0, 10], 1000],
  [0.5, [5, 5, 0, 0], 10],
  [0.75, [5, 5, 0, 0], 55],
  [0.5, [0, 0, 0, 0], null],
])('the duration that a share of %d of %j does not exceed is %d ms', (share, buckets, expected) => {
  expect(quantileMs(share, buckets, BOUNDS)).toBe(expected);
});

test('without durations, rates have no mean; without requests, there are no rates', () => {
  expect(ratesOf({ requests: 4, errors: 1, refused: 2, timed: 0, ms: 0 }, 2)).toEqual({
    perSecond: 2,
    errorShare: 0.25,
    refusedShare: 0.5,
    meanMs: null,
  });
  expect(ratesOf({ requests: 0, errors: 0, refused: 0, timed: 0, ms: 0 }, 2)).toBeNull();
});

test('if NGINX counts nothing, the answer says so', () => {
  const { history } = historyAt(1000);
  expect(trafficAnswer({ history, bounds: undefined, stepSeconds: 10 })).toMatchObject({ counted: false, points: [] });
});
