/**
 * Counts a vitest run: `tally.ts REPORT.json EXIT_CODE` prints `PASSED FAILED SKIPPED` on stdout; on stderr it prints
 * the tests that did not run and, one on each line, the tests that failed, because they are hard to find in a long log.
 * A test file that failed before its first test counts as one failure. A run that failed although no test failed also
 * counts as one.
 */
import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  /** The error, if the file could not be loaded. */
  readonly message?: string;
  readonly assertionResults: readonly TestResult[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly ancestorTitles?: readonly string[];
  readonly title?: string;
  readonly failureMessages?: readonly string[] | null;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Full names of tests that did not run. */
  readonly skipped: readonly string[];
  /** `file › describe › test: first line of the error`, one for each failure that was counted. */
  readonly failures: readonly string[];
}

// Escape sequences for terminal colours, which the message of an assertion may contain.
const COLOURS = /\u001b\[[0-9;]*m/g;

function firstLine(text: string | undefined): string {
  const lines = (text ?? '').replaceAll(COLOURS, '').split('\n');
  return lines.map((line) => line.trim()).find((line) => line !== '') ?? 'no message';
}

/** The failed tests of a file, or the file itself if it failed although none of its tests did. */
function failuresOf({ name, status, message, assertionResults }: TestFile, root: string): string[] {
  const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
  const failed = assertionResults.filter((result) => result.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
  return failed.map(({ fullName, ancestorTitles = [], title, failureMessages }) => {
    const test = title === undefined ? [fullName] : [...ancestorTitles, title];
    return `${[file, ...test].join(' › ')}: ${firstLine(failureMessages?.[0])}`;
  });
}

/**
 * `report` is undefined if vitest wrote no report. `exitCode` is the exit code of vitest. Files are named relative to
 * `root`.
 */
export function tally(report: Report | undefined, exitCode: number, root = process.cwd()): Tally {
  if (!report) {
    return { passed: 0, failed: 1, skipped: [], failures: [`vitest: no report, exit code ${exitCode}`] };
  }
  const results = report.testResults.flatMap((file) => file.assertionResults);
  const failures = report.testResults.flatMap((file) => failuresOf(file, root));
  if (failures.length === 0 && exitCode !== 0) failures.push(`vitest: exit code ${exitCode}, though no test failed`);
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    failures,
    skipped: results.filter((result) => !['passed', 'failed'].includes(result.status)).map((result) => result.fullName),
  };
}

if (import.meta.main) {
  const [file = '', exitCode = '1'] = process.argv.slice(2);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  const { passed, failed, skipped, failures } = tally(report, Number(exitCode));
  if (skipped.length > 0)
    console.error(
      `${skipped.length === 1 ? '1 test' : `${skipped.length} tests`} did not run: ${skipped.slice(0, 10).join('; ')}`,
    );
  for (const failure of failures) console.error(`FAILED  ${failure}`);
  console.log(`${passed} ${failed} ${skipped.length}`);
}
