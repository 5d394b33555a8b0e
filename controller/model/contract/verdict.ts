/** Keys that are accepted and do nothing: their values are judged as those of any other key, and a Problem says why. */
import { isDeepStrictEqual } from 'node:util';
import type { Problem, Severity } from '../../types/problem.ts';

export interface Verdict<T = unknown> {
  /** `no-effect`: it means nothing on this design. `later`: it is not built yet. */
  readonly kind: 'no-effect' | 'later';
  /** Why, as a clause: "workers share one table of live data". */
  readonly why: string;
  /** Values that ask for nothing, so that nothing has to be said; the default of a ConfigMap key is one anyway. */
  readonly idle?: readonly T[];
  /** Of the Problem; without it a notice for `no-effect`, a warning for `later`. `error` where a value asks for safety. */
  readonly severity?: Severity;
  /** The feature reports it itself: what happens to traffic depends on more than the value. */
  readonly ownReport?: true;
}

/** The verdict in a few words, for docs and messages. */
export const VERDICT_TEXT: Readonly<Record<Verdict['kind'], string>> = {
  'no-effect': 'has no effect',
  later: 'is not supported yet',
};

/** What is to be said of an accepted value of a key `name`; undefined where there is nothing to say. */
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
