/** How far regular expressions of tenants reach, judged by their text alone; in doubt, everywhere. */
import { alternativeEnd, literalStart } from '../../values/regex/literal.ts';

/** Comments, quoting and free spacing obscure the text. */
const HIDING = /\\Q|\(\?#|\(\?[a-z]*x/;

/** Whether there are alternatives outside all groups: then text at the beginning or end is not part of every match. */
function hasAlternatives(text: string): boolean {
  return alternativeEnd(text) !== undefined;
}

/** The text that every URI matching a path regex begins with; undefined if that may be any text. */
export function confinedStart(text: string): string | undefined {
  // A dot is any character here.
  const [start = ''] = literalStart(text).split('.');
  return start.length < 2 || HIDING.test(text) || hasAlternatives(text) ? undefined : start;
}

/** Whether a pattern for names ends with a fixed domain: `^.+\.example\.com$`. */
export function hasDomain(pattern: string): boolean {
  return /\\\.[A-Za-z0-9-]+\$$/.test(pattern) && !HIDING.test(pattern) && !hasAlternatives(pattern);
}
