/** What `tidegate check` prints, in each format. */
import { problemText } from '../../report/problem-text.ts';
import type { Problem } from '../../types/problem.ts';
import type { Arguments } from '../flag-values.ts';
import { problemJson } from '../problem-json.ts';
import type { CheckCounts } from './counts.ts';
import { checkSummary } from './summary.ts';

export interface CheckReport {
  /** Each with its place, in the order of files and lines. */
  readonly problems: readonly Problem[];
  readonly counts: CheckCounts;
  readonly given: Arguments<'check'>;
  /** The version of the NGINX that tested the configuration; null: none did. */
  readonly nginx: string | null;
  readonly version: string;
}

const nowhere = (): undefined => undefined;

function textOf({ problems, counts, nginx }: CheckReport): string {
  const lines = problems.map((problem) => `${problem.severity}: ${problemText(problem, nowhere)}\n`);
  return `${lines.join('')}${checkSummary(problems, counts, nginx)}`;
}

function jsonOf({ problems, counts, nginx }: CheckReport): string {
  const { setAside, ...looked } = counts;
  const listed = problems.map((problem) => problemJson(problem, nowhere));
  return `${JSON.stringify({ problems: listed, nginx, looked: { ...looked, skipped: setAside } }, null, 2)}\n`;
}

export function printCheck(report: CheckReport): string {
  switch (report.given.output) {
    case 'text':
      return textOf(report);
    case 'json':
      return jsonOf(report);
  }
}
