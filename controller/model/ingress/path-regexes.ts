/** Patterns for the paths of one Ingress, for hosts whose paths are regular expressions, within a budget of work. */
import { checkPathRegex, type CheckedRegex } from '../values/regex/check.ts';
import { hasMeta } from '../values/regex/literal.ts';

export interface PathRegex {
  /** Matches what begins like the path. */
  readonly own: CheckedRegex;
  /** Matches what is below the path, if that gets a location of its own. */
  readonly below: CheckedRegex | undefined;
}

/**
 * Maximum work for the paths of one Ingress together, in states and transitions of automata: about 50 ms. A usual path
 * takes less than 100.
 */
const MOST_WORK = 2_000_000;

/** Checks one path after the other, in the order written. */
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
