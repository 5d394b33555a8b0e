import { expect, test } from 'vitest';
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';
import { createEarlyCheck } from './early-check.ts';

function artifact(conf: string, files: ReadonlyMap<string, string> = new Map()): Artifact {
  return {
    conf,
    confDigest: conf,
    confHash: conf,
    live: new Map(),
    files,
    ownersOfLine: () => [],
    serverBlock: () => undefined,
    sectionsOf: () => [],
  };
}

/**
 * A fake check: each test runs until its resolver in `ends` is called. `log` records which tests began or were aborted.
 */
function setUp() {
  const log: string[] = [];
  const ends: ((result: CheckResult) => void)[] = [];
  const early = createEarlyCheck(({ conf }, signal) => {
    log.push(`begun ${conf}`);
    return new Promise((resolve) => {
      ends.push(resolve);
      signal.addEventListener('abort', () => {
        log.push(`broken off ${conf}`);
        resolve({ ok: false, ms: 0, message: 'broken off', line: undefined, untested: true });
      });
    });
  });
  return { log, ends, early };
}

const GOOD: CheckResult = { ok: true, ms: 7 };

test('only the first reload gets the result of the nginx -t that began before the reload', async () => {
  const { log, ends, early } = setUp();
  early.begin(artifact('a'));
  early.begin(artifact('a'));
  expect(early.conf()).toBe('a');
  const taken = early.take(artifact('a'));
  ends[0]?.(GOOD);
  expect(await taken).toEqual(GOOD);
  expect(await early.take(artifact('a'))).toBeUndefined();
  expect(log).toEqual(['begun a']);
});

test('while nginx -t runs, newer changes do not start another nginx -t, and a newer reload aborts it', async () => {
  const { log, early } = setUp();
  for (const conf of ['a', 'b', 'c']) early.begin(artifact(conf));
  expect(await early.take(artifact('c'))).toBeUndefined();
  expect(log).toEqual(['begun a', 'broken off a']);
  early.begin(artifact('d'));
  expect(log.at(-1)).toBe('begun d');
});

test('the result of nginx -t is not used if a file of the configuration has changed', async () => {
  const { log, early } = setUp();
  early.begin(artifact('a', new Map([['x.pem', '1']])));
  expect(await early.take(artifact('a', new Map([['x.pem', '2']])))).toBeUndefined();
  expect(log).toEqual(['begun a', 'broken off a']);
});

test('a reload gets the result of the earlier nginx -t even if that result is a refusal or a timeout', async () => {
  const { ends, early } = setUp();
  const refused: CheckResult = { ok: false, ms: 1, message: 'unknown directive', line: 3 };
  early.begin(artifact('a'));
  ends[0]?.(refused);
  expect(await early.take(artifact('a'))).toEqual(refused);
  early.begin(artifact('a'));
  const hung: CheckResult = { ok: false, ms: 1, message: 'it hung', line: undefined, untested: true };
  ends[1]?.(hung);
  expect(await early.take(artifact('a'))).toEqual(hung);
});

test('end() aborts the running nginx -t', async () => {
  const { log, early } = setUp();
  early.begin(artifact('a'));
  await early.end();
  expect(log).toEqual(['begun a', 'broken off a']);
  expect(early.conf()).toBeUndefined();
});
