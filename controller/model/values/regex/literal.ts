/** Functions about plain strings in regular expressions. */
import { fitsWord } from '../../../types/conf-value.ts';

const META = /[\\^$|?*+()[\]{}]/;

/** Whether a path could have another meaning as a regular expression; dots are not considered. */
export function hasMeta(text: string): boolean {
  return META.test(text);
}

/** The regular expression that matches exactly a plain string. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** The text at the beginning of every match of a path regex; a dot in it counts as a plain dot. */
export function literalStart(text: string): string {
  const end = text.search(META);
  if (end < 0) return text;
  // A quantifier makes the character before it optional or repeated.
  return /[?*+{]/.test(text[end] ?? '') ? text.slice(0, Math.max(0, end - 1)) : text.slice(0, end);
}

/** Index at which the first alternative outside all groups ends; undefined if there is only one alternative. */
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

/**
 * Index of the bracket that closes the class at `from`. A closing bracket right at the beginning is part of the class.
 */
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

/**
 * Maximum number of alternatives that are covered separately, because nginx tries all of them at each position of a
 * URI.
 */
const MOST_ALTERNATIVES = 30;
/**
 * How many characters of each alternative are used. The numbers are tried in this order, until all alternatives
 * together fit into a word of nginx.conf.
 */
const LENGTHS = [500, 100, 20];

/**
 * A regular expression of plain strings that matches at least what a path regex matches, even if the path regex is
 * invalid; undefined if it would match every URI. `shortest`: the text of the shortest alternative. Only the first
 * alternative is anchored at the start of the URI, as nginx does with the `^` before a pattern.
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
 * The longest plain path that contains all URIs which match a pattern: `/api(/|$)(.*)` → `/api`, `/api.*` → `/`. It is
 * used as the Path of cookies.
 */
export function commonPath(pattern: string): string {
  const start = literalStart(pattern);
  const rest = pattern.slice(start.length);
  const whole = rest === '' || rest === '$' || rest.startsWith('(/|$)') || rest.startsWith('(/.*)?');
  return whole ? start || '/' : start.slice(0, start.lastIndexOf('/') + 1) || '/';
}
