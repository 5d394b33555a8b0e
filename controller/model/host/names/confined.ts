/** How far regular expressions of tenants reach, as far as their text alone says it; in doubt, everywhere. */
import { alternativeEnd, literalStart } from '../../values/regex/literal.ts';

/** Comments, quoting and free spacing hide what a text says. */
const HIDING = /\\Q|\(\?#|\(\?[a-z]*x/;

/** Whether alternatives stand outside of all groups: then nothing at the begin or end of the text is in every match. */
function hasAlternatives(text: string): boolean {
  return alternativeEnd(text) !== undefined;
}

/** The text that every URI begins with which a path regex matches; undefined where that may be any. */
export function confinedStart(text: string): string | undefined {
  // A dot is any character here.
  const [start = ''] = literalStart(text).split('.');
  return start.length < 2 || HIDING.test(text) || hasAlternatives(text) ? undefined : start;
}

/** Whether a pattern for names says which domain they are of: `^.+\.example\.com$`. */
export function hasDomain(pattern: string): boolean {
  return /\\\.[A-Za-z0-9-]+\$$/.test(pattern) && !HIDING.test(pattern) && !hasAlternatives(pattern);
}
