/** Outcomes of failures. */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';

export const NOT_RUNNING = 'NGINX is not running';

/** `started`: `performance.now()` when it began. */
export function failed(message: string, started: number, errorLog: readonly string[] = []): Outcome {
  return { kind: 'failed', message, errorLog, ms: performance.now() - started };
}

/** A test without a result is not a refusal: a search for the Ingress at fault would find an innocent one. */
export function refused(check: Extract<CheckResult, { ok: false }>, artifact: Artifact): Outcome {
  if (check.untested === true) {
    return {
      kind: 'failed',
      message: `the configuration could not be tested: ${check.message}`,
      errorLog: [],
      ms: check.ms,
    };
  }
  return { kind: 'refused', check, owners: check.line === undefined ? [] : artifact.ownersOfLine(check.line) };
}

/** Whether something failed as a whole: single keys that NGINX refused do not affect the rest. */
export function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.others !== 'taken';
}
