/** Outcomes that say no. */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';

export const NOT_RUNNING = 'NGINX is not running';

/** `started`: `performance.now()` when it began. */
export function failed(message: string, started: number, errorLog: readonly string[] = []): Outcome {
  return { kind: 'failed', message, errorLog, ms: performance.now() - started };
}

/** A test that said nothing is no refusal: whoever looks for an Ingress at fault would find an innocent one. */
export function refused(check: Extract<CheckResult, { ok: false }>, artifact: Artifact): Outcome {
  if (check.untested === true) {
    return { kind: 'failed', message: `the configuration is untested: ${check.message}`, errorLog: [], ms: check.ms };
  }
  return { kind: 'refused', check, owners: check.line === undefined ? [] : artifact.ownersOfLine(check.line) };
}

/** Whether something failed as a whole: single keys that NGINX refused concern nobody else. */
export function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.others !== 'taken';
}
