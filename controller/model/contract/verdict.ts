/**
 * Keys that are accepted and do nothing: their values are checked as those of any other key, and a Problem says why
 * they do nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Problem, Severity } from '../../types/problem.ts';

export interface Verdict<T = unknown> {
  /** `no-effect`: it has no meaning in this design. `later`: it is not supported yet. */
  readonly kind: 'no-effect' | 'later';
  /** Why, as a clause: "workers share one table of live data". */
  readonly why: string;
  /** Values that ask for nothing, so no Problem is needed; the default of a ConfigMap key always is one. */
  readonly idle?: readonly T[];
  /**
   * Severity of the Problem; by default a notice for `no-effect`, a warning for `later`. `error` if a value asks for
   * safety.
   */
  readonly severity?: Severity;
  /** The feature reports it itself: what happens to traffic depends on more than the value. */
  readonly ownReport?: true;
}

/** The verdict in a few words, for docs and messages. */
export const VERDICT_TEXT: Readonly<Record<Verdict['kind'], string>> = {
  'no-effect': 'has no effect',
  later: 'is not supported yet',
};

/** The Problem of an accepted value of key `name`; undefined if there is nothing to report. */
export function judgeValue(
  name: string,
  value: unknown,
  verdict: Verdict | undefined,
): Pick<Problem, 'code' | 'severity' | 'effect' | 'message'> | undefined {
  if (verdict === undefined || verdict.ownReport === true) return undefined;
  if (verdict.idle?.some((idle) => isDeepStrictEqual(idle, value)) === true) return undefined;
  const { kind, why, severity = kind === 'later' ? 'warning' : 'notice' } = verdict;
  return { code: `${kind}-key`, severity, effect: 'none', message: `${name} ${VERDICT_TEXT[kind]}: ${why}` };
}
