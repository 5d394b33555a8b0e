/**
 * Verdict on a key that is accepted but does nothing. Its value is checked like that of any other key, and a Problem
 * says why the key does nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Problem, Severity } from '../../types/problem.ts';

export interface Verdict<T = unknown> {
  /** `no-effect`: the key has no meaning in this design. `later`: the key is not supported yet. */
  readonly kind: 'no-effect' | 'later';
  /** Why, as a clause: "workers share one table of live data". */
  readonly why: string;
  /** Values that ask for nothing, so that no Problem is needed. They include the default of a ConfigMap key. */
  readonly idle?: readonly T[];
  /**
   * Severity of the Problem; by default a notice for `no-effect` and a warning for `later`. `error` is for keys that
   * ask for protection which is not given.
   */
  readonly severity?: Severity;
  /** The feature reports the key itself, because its effect on traffic depends on more than the value. */
  readonly ownReport?: true;
}

/** Short text for each kind of verdict, for docs and messages. */
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
