import { expect, test } from 'vitest';
import { tally } from './tally.ts';

function file(status: string, ...tests: string[]) {
  return {
    name: 'a.test.ts',
    status,
    assertionResults: tests.map((result, n) => ({ status: result, fullName: `${result} ${n}` })),
  };
}

test('tally counts passed and failed tests, and lists the tests that did not run', () => {
  const report = {
    numPassedTests: 2,
    testResults: [file('failed', 'passed', 'failed'), file('passed', 'passed', 'pending')],
  };
  expect(tally(report, 1)).toMatchObject({ passed: 2, failed: 1, skipped: ['pending 1'] });
});

test('tally counts a test file that cannot be loaded as one failure', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('failed'), file('passed', 'passed')] }, 1).failed).toBe(1);
});

test('tally counts one failure if vitest fails although no test failed, or if vitest writes no report', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
  expect(tally(undefined, 0).failed).toBe(1);
});

test('tally counts no failures of a successful run', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('passed', 'passed')] }, 0)).toEqual({
    passed: 1,
    failed: 0,
    skipped: [],
    failures: [],
  });
});

test('tally lists each failure with the first line of its error', () => {
  const error = '\n\u001b[31mAssertionError\u001b[39m: expected 1 to be 2\n    at a.test.ts:3';
  const failed = {
    status: 'failed',
    fullName: 'of a fails',
    ancestorTitles: ['of a'],
    title: 'fails',
    failureMessages: [error, 'a second'],
  };
  const report = {
    numPassedTests: 0,
    testResults: [
      { name: '/root/e2e/a.test.ts', status: 'failed', assertionResults: [failed] },
      { name: '/root/b.test.ts', status: 'failed', message: 'SyntaxError: no\nat b', assertionResults: [] },
      { name: '/elsewhere/c.test.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'c' }] },
    ],
  };
  expect(tally(report, 1, '/root').failures).toEqual([
    'e2e/a.test.ts › of a › fails: AssertionError: expected 1 to be 2',
    'b.test.ts: SyntaxError: no',
    '/elsewhere/c.test.ts › c: no message',
  ]);
  expect(tally(undefined, 7).failures).toEqual(['vitest: no report, exit code 7']);
  const good = { numPassedTests: 1, testResults: [file('passed', 'passed')] };
  expect(tally(good, 1).failures).toEqual(['vitest: exit code 1, though no test failed']);
});
