/** How far regular expressions of tenants reach, as far as their text alone says it; in doubt, everywhere. */
import { literalStart } from './regex/literal.ts';

/** Comments, quoting and free spacing hide what a text says. */
const HIDING = /\\Q|\(\?#|\(\?[a-z]*x/;

/** Whether alternatives stand outside of all groups: then nothing at the begin or end of the text is in every match. */
function hasAlternatives(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '[') at = classEnd(text, at);
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth <= 0) return true;
  }
  return false;
}

/** Where a class that begins at `from` ends; a bracket at its begin is one of its characters. */
function classEnd(text: string, from: number): number {
  let at = text[from + 1] === '^' ? from + 2 : from + 1;
  if (text[at] === ']') at += 1;
  for (; at < text.length && text[at] !== ']'; at += 1) {
    if (text[at] === '\\') at += 1;
    const inner = text.startsWith('[:', at) ? text.indexOf(':]', at) : -1;
    if (inner >= 0) at = inner + 1;
  }
  return at;
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
