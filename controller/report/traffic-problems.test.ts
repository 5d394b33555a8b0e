import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Problem } from '../types/problem.ts';
import { createTrafficProblems, TRAFFIC_REASONS, type TrafficProblems } from './traffic-problems.ts';

let reported: (readonly Problem[])[];
let problems: TrafficProblems;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  reported = [];
  problems = createTrafficProblems({
    changed: (all) => void reported.push(all),
    prefix: 'example.com',
    annotationsOf: (ingress) => (ingress === 'shop/slow' ? { 'example.com/limit-rpm': '1' } : {}),
    calmMs: 60_000,
    everyMs: 1000,
  });
});
afterEach(() => {
  problems.close();
  vi.useRealTimers();
});

function codes(): string[] {
  return (reported.at(-1) ?? []).map(({ code, object }) => `${object?.name ?? ''} ${code}`);
}

test('a reason becomes one Problem of its Ingress, however often it occurs', () => {
  for (let n = 0; n < 5; n += 1) problems.add('shop/web', 'body-too-large');
  expect(reported).toEqual([
    [
      expect.objectContaining({
        code: 'traffic-body-too-large',
        severity: 'warning',
        object: { kind: 'Ingress', namespace: 'shop', name: 'web' },
        field: ['metadata', 'annotations', 'example.com/proxy-body-size'],
        example: 'proxy-body-size: "8m"',
      }),
    ],
  ]);
});

test('a Problem is solved once its reason has not occurred for the calm time', () => {
  problems.add('shop/web', 'backend-refused');
  vi.advanceTimersByTime(50_000);
  problems.add('shop/web', 'backend-refused');
  problems.add('shop/api', 'limited:requests');
  vi.advanceTimersByTime(50_000);
  expect(codes()).toEqual(['web traffic-backend-refused', 'api traffic-limited-requests']);
  problems.add('shop/api', 'limited:requests');
  vi.advanceTimersByTime(20_000);
  expect(codes()).toEqual(['api traffic-limited-requests']);
  vi.advanceTimersByTime(60_000);
  expect(codes()).toEqual([]);
});

test('the Problem names the annotation that the Ingress has, if several may decide', () => {
  problems.add('shop/slow', 'limited:requests');
  problems.add('shop/fast', 'limited:requests');
  expect(reported.at(-1)?.map(({ field }) => field?.at(-1))).toEqual([
    'example.com/limit-rpm',
    'example.com/limit-rps',
  ]);
});

test('an Ingress that is no longer served has no Problems', () => {
  problems.add('shop/web', 'backend-refused');
  problems.add('shop/api', 'backend-refused');
  problems.retain((ingress) => ingress === 'shop/api');
  expect(codes()).toEqual(['api traffic-backend-refused']);
});

test('reasons for which the Ingress itself asks, and requests without an Ingress, are not Problems', () => {
  for (const reason of ['auth-basic', 'no-route', 'closed:auth-url', 'redirect:app-root', 'toString'])
    problems.add('shop/web', reason);
  for (const reason of TRAFFIC_REASONS) problems.add('', reason);
  expect(reported).toEqual([]);
});
