/** When the status says unhealthy or degraded, and why. */
import { expect, test } from 'vitest';
import type { Outcome } from '../../types/outcome.ts';
import { siteOf } from '../fixtures/inspected.ts';
import { createOutcomeHistory } from '../history/outcomes.ts';
import { STATUS } from '../schema/status.ts';
import type { InspectionSource } from '../source.ts';
import { statusAnswer } from './status.ts';

const NO_PROBLEMS = { errors: 0, warnings: 0, notices: 0, withoutEndpoints: 0 };
const FAILED: Outcome = { kind: 'failed', message: 'no answer', errorLog: ['tail'], ms: 1 };

interface Given {
  readonly source?: Partial<InspectionSource>;
  readonly counts?: Partial<typeof NO_PROBLEMS>;
  readonly structure?: Outcome;
  readonly live?: Outcome;
  readonly answers?: boolean;
}

async function judged({ source: changed = {}, counts = {}, structure, live, answers = true }: Given) {
  const { source } = await siteOf('', changed);
  const outcomes = createOutcomeHistory(
    () => 0,
    () => undefined,
  );
  if (structure !== undefined) outcomes.record('structure', structure, []);
  if (live !== undefined) outcomes.record('live', live, []);
  const state = answers ? await source.nginxState() : undefined;
  const problems = { counts: () => ({ ...NO_PROBLEMS, ...counts }) };
  const status = statusAnswer({ source, outcomes, problems, state, now: 60_000, started: 0 });
  expect(STATUS.parse(JSON.parse(JSON.stringify(status)))).toEqual(status);
  return status;
}

test('without faults, the status is healthy, with what NGINX reports', async () => {
  expect(await judged({ counts: { warnings: 3, notices: 2 } })).toMatchObject({
    state: 'healthy',
    reasons: [],
    counts: { hosts: 1, warnings: 3 },
    nginx: { master: 7, generation: 4, revision: 12, serving: 2, draining: 1, liveDataFreeBytes: 400 },
    leader: null,
    dataAgeSeconds: null,
  });
});

test('live data that NGINX did not accept counts until NGINX has been started, adopted or reloaded', async () => {
  expect((await judged({ live: FAILED })).state).toBe('unhealthy');
  for (const structure of [
    { kind: 'started', master: 7, ms: 1 },
    { kind: 'adopted', master: 7, ms: 1 },
    { kind: 'reload', generation: 2, testMs: 1, reloadMs: 1 },
  ] as const)
    expect((await judged({ live: FAILED, structure })).state).toBe('healthy');
  expect((await judged({ live: FAILED, structure: { kind: 'none' } })).state).toBe('unhealthy');
});

test.each<[string, Given, 'degraded' | 'unhealthy', RegExp]>([
  ['errors', { counts: { errors: 2 } }, 'degraded', /^2 errors: /],
  [
    'Services without endpoints',
    { counts: { withoutEndpoints: 1 } },
    'degraded',
    /^1 Service port is missing or has no/,
  ],
  ['quarantined Ingresses', { source: { leftOut: () => [['shop/web', 'no']] } }, 'degraded', /^1 Ingress is left out/],
  ['an NGINX that does not answer', { answers: false }, 'unhealthy', /^NGINX does not answer$/],
  ['no build', { source: { current: () => undefined } }, 'unhealthy', /^no configuration has been built/],
  ['a failed reload', { structure: FAILED }, 'unhealthy', /^the last change to nginx.conf failed: no answer$/],
  [
    'a refused configuration',
    { structure: { kind: 'refused', check: { ok: false, ms: 1, message: 'bad\nmore', line: 1 }, owners: [] } },
    'unhealthy',
    /^nginx refused the last change to nginx.conf: bad$/,
  ],
  ['refused live data', { live: FAILED }, 'unhealthy', /^NGINX did not accept live data: no answer$/],
  ['old data', { source: { dataAgeMs: () => 400_000 } }, 'unhealthy', /not confirmed the objects for 400 s$/],
  [
    'a reload that does not finish',
    {
      source: {
        busyMs: () => 200_000,
        nginxState: () =>
          Promise.resolve({
            master: 1,
            generation: 1,
            conf: 'old',
            revision: 1,
            workers: {
              serving: 1,
              draining: 0,
              drainingGenerations: 0,
              closedEarly: 0,
              live: { capacity: 1, free: 1 },
            },
          }),
      },
    },
    'unhealthy',
    /^a reload has been in progress for 200 s$/,
  ],
])('%s: the status says so', async (_name, given, state, reason) => {
  const status = await judged(given);
  expect(status.state).toBe(state);
  expect(status.reasons).toEqual([expect.stringMatching(reason)]);
});

test('a later success ends the state unhealthy', async () => {
  const { source } = await siteOf('');
  const outcomes = createOutcomeHistory(
    () => 0,
    () => undefined,
  );
  outcomes.record('structure', FAILED, []);
  outcomes.record('structure', { kind: 'none' }, ['NGINX already runs with this configuration']);
  const state = await source.nginxState();
  const problems = { counts: () => NO_PROBLEMS };
  expect(statusAnswer({ source, outcomes, problems, state, now: 0, started: 0 }).state).toBe('healthy');
});
