/** Builds the outcomes `failed` and `refused`. */
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';

export const NOT_RUNNING = 'NGINX is not running';

/** Builds the outcome `failed`. `started` is the value of `performance.now()` when the call began. */
export function failed(message: string, started: number, errorLog: readonly string[] = []): Outcome {
  return { kind: 'failed', message, errorLog, ms: performance.now() - started };
}

/**
 * The outcome of a failed test. A test that did not finish is `failed` and not `refused`, because a search for the
 * Ingress at fault would blame an innocent one.
 */
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

/**
 * Whether the whole call failed. If NGINX refused only some keys, the call counts as successful, because the other keys
 * have taken effect.
 */
export function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.others !== 'taken';
}
