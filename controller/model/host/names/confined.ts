/**
 * Which URIs or names a tenant's regular expression can match, estimated from its text. In doubt, the estimate is that
 * it can match anything.
 */
import { alternativeEnd, literalStart } from '../../values/regex/literal.ts';

/**
 * Comments, quoting and free spacing: with one of these, a pattern can match something other than its text suggests.
 */
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

/**
 * The fixed domain at the end of all names that a pattern matches, in lower case: `example.com` of
 * `^.+\.example\.com$`; undefined if there is none.
 */
export function domainIn(pattern: string): string | undefined {
  const end = /((?:\\\.[A-Za-z0-9-]+)+)\$$/.exec(pattern)?.[1];
  if (end === undefined || HIDING.test(pattern) || hasAlternatives(pattern)) return undefined;
  return end.replaceAll('\\', '').slice(1).toLowerCase();
}

/** Whether a pattern for names ends with a fixed domain: `^.+\.example\.com$`. */
export function hasDomain(pattern: string): boolean {
  return domainIn(pattern) !== undefined;
}
