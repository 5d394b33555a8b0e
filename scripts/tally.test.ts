import { expect, test } from 'vitest';
import { tally } from './tally.ts';

function file(status: string, ...tests: string[]) {
  return {
    name: 'a.test.ts',
    status,
    assertionResults: tests.map((result, n) => ({ status: result, fullName: `${result} ${n}` })),
  };
}

test('counts tests, and names those that did not run', () => {
  const report = {
    numPassedTests: 2,
    testResults: [file('failed', 'passed', 'failed'), file('passed', 'passed', 'pending')],
  };
  expect(tally(report, 1)).toEqual({ passed: 2, failed: 1, skipped: ['pending 1'] });
});

test('a file that does not load is a failure, although it has no failed test', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('failed'), file('passed', 'passed')] }, 1).failed).toBe(1);
});

test('a run that fails without a failed test, or without a report, is a failure', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
  expect(tally(undefined, 0).failed).toBe(1);
});

test('a good run has none', () => {
  expect(tally({ numPassedTests: 1, testResults: [file('passed', 'passed')] }, 0)).toEqual({
    passed: 1,
    failed: 0,
    skipped: [],
  });
});
