/**
 * Patterns of the paths of one Ingress, for hosts whose paths are regular expressions. The work of checking them is
 * limited for each Ingress.
 */
import { checkPathRegex, type CheckedRegex } from '../values/regex/check.ts';
import { hasMeta } from '../values/regex/literal.ts';

export interface PathRegex {
  /** Matches requests that begin with the path. */
  readonly own: CheckedRegex;
  /** Matches requests below the path; undefined if they do not need a separate location. */
  readonly below: CheckedRegex | undefined;
}

/**
 * Maximum work for all paths of one Ingress together, in states and transitions of automata; it takes about 50 ms. A
 * usual path takes fewer than 100 of these steps.
 */
const MOST_WORK = 2_000_000;

/** Returns a function that checks the paths of one Ingress, one after another. */
export function pathRegexes(): (type: 'Exact' | 'Prefix', text: string, asksForRegex: boolean) => PathRegex {
  let work = 0;
  function check(text: string): CheckedRegex {
    if (!hasMeta(text)) return { ok: true, pattern: text, limit: '', steps: text.length, work: 0 };
    if (work > MOST_WORK)
      return {
        ok: false,
        reason: `is left out because the regular expressions before it in this Ingress take more than ${MOST_WORK} steps to check`,
        work: 0,
      };
    const checked = checkPathRegex(text);
    work += checked.work;
    return checked;
  }
  return (type, text, asksForRegex) => {
    const own = check(text);
    const expanded = type === 'Prefix' && !asksForRegex && !text.endsWith('/');
    return { own, below: expanded && own.ok ? check(`${text}/`) : undefined };
  };
}
