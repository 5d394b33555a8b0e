/** What a log line is about, for formats that write it as fields beside the message. */
import type { Outcome } from '../types/outcome.ts';
import { formatField, type Locator, type ObjectRef, type Problem } from '../types/problem.ts';
import { placeOf } from './problem-text.ts';

export interface LogDetails {
  /** `problem` and `solved`: a Problem appeared, or is solved; otherwise the kind of the Outcome. */
  readonly event: 'problem' | 'solved' | Outcome['kind'];
  readonly code?: string | undefined;
  /** The effect of the Problem on traffic. */
  readonly effect?: string | undefined;
  readonly object?: ObjectRef | undefined;
  readonly field?: string | undefined;
  readonly value?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** Why NGINX's configuration or live data changed. */
  readonly reasons?: readonly string[] | undefined;
  /** How long NGINX took to apply the change, in milliseconds. */
  readonly ms?: number | undefined;
  /** Milliseconds from the change to an object until NGINX has applied it. */
  readonly sinceMs?: number | undefined;
}

export function problemDetails(event: 'problem' | 'solved', problem: Problem, locate: Locator): LogDetails {
  const place = placeOf(problem, locate);
  return {
    event,
    code: problem.code,
    effect: problem.effect,
    object: problem.object,
    field: problem.field === undefined ? undefined : formatField(problem.field),
    value: problem.value,
    file: place?.file,
    line: place?.line,
  };
}

function durationOf(outcome: Outcome): number | undefined {
  if (outcome.kind === 'none') return undefined;
  if (outcome.kind === 'reload') return outcome.testMs + outcome.reloadMs;
  return outcome.kind === 'refused' ? outcome.check.ms : outcome.ms;
}

export function outcomeDetails(outcome: Outcome, reasons: readonly string[], sinceMs: number | undefined): LogDetails {
  return { event: outcome.kind, reasons, ms: durationOf(outcome), sinceMs };
}
