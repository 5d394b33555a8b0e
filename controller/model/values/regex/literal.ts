/** Plain text and regular expressions. */
import { fitsWord } from '../../../types/conf-value.ts';

const META = /[\\^$|?*+()[\]{}]/;

/** Whether a path can mean anything else than its text; a dot alone does not count. */
export function hasMeta(text: string): boolean {
  return META.test(text);
}

/** Plain text → the regular expression that matches just it. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** The part of a path regex that every match begins with; dots are taken as dots. */
export function literalStart(text: string): string {
  const end = text.search(META);
  if (end < 0) return text;
  // A quantifier makes the character before it optional or repeated.
  return /[?*+{]/.test(text[end] ?? '') ? text.slice(0, Math.max(0, end - 1)) : text.slice(0, end);
}

/** Where the first alternative ends that stands outside of all groups; undefined where there is one only. */
export function alternativeEnd(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '[') at = classEnd(text, at);
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth <= 0) return at;
  }
  return undefined;
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

/** Alternatives that are told apart; nginx would try more of them at each place of a URI. */
const MOST_ALTERNATIVES = 30;
/** Characters of an alternative that are looked at; together they have to fit into a word of nginx.conf. */
const LENGTHS = [500, 100, 20];

/**
 * A regular expression of plain text that matches whatever a path regex does, which may be no regular expression at all;
 * undefined where that would be every URI. `shortest`: the text of its shortest alternative. nginx binds only the first of
 * several alternatives to the start of the URI.
 */
export function plainCover(text: string): { readonly pattern: string; readonly shortest: string } | undefined {
  const starts: { readonly anchor: string; readonly start: string }[] = [];
  for (let from = 0; ;) {
    const end = alternativeEnd(text.slice(from));
    const own = text.slice(from, end === undefined ? undefined : from + end);
    const anchored = from === 0 || own.startsWith('^');
    const start = literalStart(from > 0 && anchored ? own.slice(1) : own);
    if (start !== '' && start !== '/') starts.push({ anchor: anchored ? '^' : '', start });
    if (end === undefined) break;
    from += end + 1;
  }
  const [first] = starts;
  if (first === undefined) return undefined;
  if (starts.length > MOST_ALTERNATIVES) return { pattern: '^/', shortest: '/' };
  const patterns = LENGTHS.map((length) =>
    starts.map(({ anchor, start }) => `${anchor}${escapeRegex(start.slice(0, length))}`).join('|'),
  );
  const shortest = starts.map(({ start }) => start).reduce((a, b) => (b.length < a.length ? b : a));
  return { pattern: patterns.find(fitsWord) ?? '^/', shortest };
}

/**
 * The longest path of which all URIs that a pattern matches are below: `/api(/|$)(.*)` → `/api`, `/api.*` → `/`. What
 * browsers take for the Path of a cookie.
 */
export function cookiePath(pattern: string): string {
  const start = literalStart(pattern);
  const rest = pattern.slice(start.length);
  const whole = rest === '' || rest === '$' || rest.startsWith('(/|$)') || rest.startsWith('(/.*)?');
  return whole ? start || '/' : start.slice(0, start.lastIndexOf('/') + 1) || '/';
}
