/**
 * Counts a vitest run: `tally.ts REPORT.json EXIT_CODE` prints `PASSED FAILED` on stdout, and skipped tests on stderr.
 * A file that failed before its first test counts as one failure, and so does a run that failed for another reason.
 */
import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Full names of tests that did not run. */
  readonly skipped: readonly string[];
}

/** `report` is undefined when vitest ended without writing one. `exitCode` is vitest's. */
export function tally(report: Report | undefined, exitCode: number): Tally {
  if (!report) return { passed: 0, failed: 1, skipped: [] };
  const results = report.testResults.flatMap((file) => file.assertionResults);
  const failedTests = results.filter((result) => result.status === 'failed').length;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: results.filter((result) => !['passed', 'failed'].includes(result.status)).map((result) => result.fullName),
  };
}

if (import.meta.main) {
  const [file = '', exitCode = '1'] = process.argv.slice(2);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  const { passed, failed, skipped } = tally(report, Number(exitCode));
  if (skipped.length > 0) console.error(`${skipped.length} tests did not run: ${skipped.slice(0, 10).join('; ')}`);
  console.log(`${passed} ${failed}`);
}
