import { expect, test } from 'vitest';
import { eventually } from '../../e2e/runner/eventually.ts';
import type { Artifact } from '../types/artifact.ts';
import type { LiveAnswer, Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { createLive } from './live.ts';

const TAKEN: Outcome = { kind: 'live', set: 1, removed: 0, revision: 1, ms: 0 };
const REFUSED: Outcome = { kind: 'failed', message: 'NGINX refused live key b:x', errorLog: [], ms: 0 };
const SENDING = { routes: new Map(), changes: [{ kind: 'Service' as const, key: 'a/x' }], since: 0, quiet: false };

/**
 * A fake NGINX that gives the answers in order; `wanted` returns the live data of the last call, and `reported` lists
 * the reported outcomes.
 */
function setUp(...answers: readonly Outcome[]) {
  let retried: (answer: LiveAnswer) => void = () => undefined;
  let wanted: ReadonlyMap<string, string> = new Map();
  const reported: (readonly [Outcome['kind'], readonly string[]])[] = [];
  const left = [...answers];
  const nginx: Pick<Nginx, 'want' | 'onRetry'> = {
    want: ({ live: document }) => {
      wanted = new Map(document);
      return Promise.resolve({ outcome: left.shift() ?? TAKEN, set: ['b:x'], remove: ['b:y'] });
    },
    onRetry: (listener) => void (retried = listener),
  };
  const live = createLive({ nginx, report: ({ kind }, reasons) => reported.push([kind, reasons]) });
  return { live, reported, retry: (answer: LiveAnswer) => retried(answer), wanted: () => wanted };
}

function artifact(...live: readonly (readonly [string, string])[]): Artifact {
  return {
    conf: '',
    confDigest: '',
    confHash: '',
    live: new Map(live),
    files: new Map(),
    ownersOfLine: () => [],
    serverBlock: () => undefined,
    sectionsOf: () => [],
  };
}

test('the outcome of sending live data is reported with reasons; a quiet send reports only failures', async () => {
  const { live, reported } = setUp(TAKEN, REFUSED, TAKEN, REFUSED, { kind: 'none' });
  live.setTarget(artifact(['b:x', '1']), []);
  for (const quiet of [false, false, true, true, false]) await live.send({ ...SENDING, quiet });
  const why = ['endpoints of x', 'endpoints of y'];
  expect(reported).toEqual([
    ['live', why],
    ['failed', why],
    ['failed', why],
    ['none', ['Service a/x changes nothing for NGINX']],
  ]);
});

test('the results of retries are reported until close()', async () => {
  const { live, reported, retry } = setUp();
  retry({ outcome: REFUSED, set: ['b:x'], remove: [] });
  await eventually(() => expect(reported).toEqual([['failed', ['endpoints of x']]]));
  live.close();
  retry({ outcome: TAKEN, set: ['b:x'], remove: [] });
  await live.send(SENDING);
  expect(reported).toHaveLength(1);
});

test('newer backends replace the backends of the build, and are sent to NGINX', async () => {
  const { live, wanted } = setUp();
  live.setTarget(artifact(['b:x', 'old'], ['b:y', '1']), [['b:x', 'new']]);
  expect(live.setBackends([['b:x', 'new']])).toEqual([]);
  expect(
    live.setBackends([
      ['b:x', 'new'],
      ['b:y', '2'],
    ]),
  ).toEqual([['b:y', '2']]);
  await live.send(SENDING);
  expect(wanted()).toEqual(
    new Map([
      ['b:x', 'new'],
      ['b:y', '2'],
    ]),
  );
  expect(new Map(live.target().live)).toEqual(wanted());
});
