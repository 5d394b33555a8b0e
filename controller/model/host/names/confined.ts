/**
 * Which URIs or names a tenant's regular expression can match, estimated from its text. In doubt, the estimate is that
 * it can match anything.
 */
import { alternativeEnd, literalStart } from '../../values/regex/literal.ts';

/** Comments, quoting and free spacing: with one of these, a pattern can match something other than its text suggests. */
const HIDING = /\\Q|\(\?#|\(\?[a-z]*x/;

/** Whether a pattern has alternatives outside all groups: then text at its beginning or end is not in every match. */
function hasAlternatives(text: string): boolean {
  return alternativeEnd(text) !== undefined;
}

/** The string at the beginning of every URI that matches a path regex; undefined if there is no such string. */
export function confinedStart(text: string): string | undefined {
  // In a regular expression, a dot matches any character, so the fixed text ends there.
  const [start = ''] = literalStart(text).split('.');
  return start.length < 2 || HIDING.test(text) || hasAlternatives(text) ? undefined : start;
}

/** Whether a pattern for names ends with a fixed domain: `^.+\.example\.com$`. */
export function hasDomain(pattern: string): boolean {
  return /\\\.[A-Za-z0-9-]+\$$/.test(pattern) && !HIDING.test(pattern) && !hasAlternatives(pattern);
}
