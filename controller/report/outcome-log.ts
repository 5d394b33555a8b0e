/** Logs one line for each applied change: the outcome, the reasons and the duration. */
import { formatObject } from '../types/problem.ts';
import type { Outcome } from '../types/outcome.ts';
import { outcomeDetails } from './log-details.ts';
import type { Log } from './logger.ts';

function round(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

/** The first five reasons, and the number of the others. */
function because(reasons: readonly string[]): string {
  const shown = reasons.slice(0, 5).join('; ');
  return reasons.length > 5 ? `${shown}; and ${reasons.length - 5} more` : shown;
}

/**
 * `reasons` describe what changed; `sinceMs` is the time since the change. `none` is the log level for changes without
 * an effect on NGINX; a cluster has many of them, so they are debug lines there.
 */
export function logOutcome(
  log: Log,
  outcome: Outcome,
  reasons: readonly string[],
  sinceMs?: number,
  none: 'info' | 'debug' = 'info',
): void {
  const details = outcomeDetails(outcome, reasons, sinceMs);
  const since = sinceMs === undefined ? '' : `, ${round(sinceMs)} ms after the change`;
  switch (outcome.kind) {
    case 'none':
      return log[none](`none: ${because(reasons)}`, details);
    case 'live': {
      const counts = `${outcome.set} set, ${outcome.removed} removed`;
      return log.info(
        `live: ${because(reasons)} (${counts}, revision ${outcome.revision}, ${round(outcome.ms)} ms${since})`,
        details,
      );
    }
    case 'started':
      return log.info(`started: NGINX runs with pid ${outcome.master} (${round(outcome.ms)} ms)`, details);
    case 'adopted':
      return log.info(
        `adopted: NGINX was already running with pid ${outcome.master} (${round(outcome.ms)} ms)`,
        details,
      );
    case 'reload': {
      const times = `test ${round(outcome.testMs)} ms, reload ${round(outcome.reloadMs)} ms`;
      return log.info(`reload: ${because(reasons)} (generation ${outcome.generation}, ${times}${since})`, details);
    }
    case 'refused': {
      const owners = outcome.owners.map(formatObject).join(', ');
      return log.error(
        `refused: nginx says: ${outcome.check.message}${owners === '' ? '' : ` [${owners}]`}; the previous configuration stays in force`,
        details,
      );
    }
    case 'failed': {
      const tail = outcome.errorLog.map((line) => `\n  nginx: ${line}`).join('');
      return log.error(
        `failed: ${outcome.message} (${round(outcome.ms)} ms); the previous configuration stays in force${tail}`,
        details,
      );
    }
  }
}
