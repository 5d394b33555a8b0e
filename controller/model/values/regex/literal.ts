/** Relations of plain text and regular expressions. */
import { fitsWord } from '../../../types/conf-value.ts';

const META = /[\\^$|?*+()[\]{}]/;

/** Whether a path could mean something else as a regular expression; a dot alone does not count. */
export function hasMeta(text: string): boolean {
  return META.test(text);
}

/** Plain text → the regular expression that matches exactly it. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** The text that every match of a path regex begins with; dots are read as dots. */
export function literalStart(text: string): string {
  const end = text.search(META);
  if (end < 0) return text;
  // A quantifier makes the character before it optional or repeated.
  return /[?*+{]/.test(text[end] ?? '') ? text.slice(0, Math.max(0, end - 1)) : text.slice(0, end);
}

/** End of the first alternative outside all groups; undefined if there is only one. */
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

/** End of a class that begins at `from`; a bracket at its beginning is one of its characters. */
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
 * Maximum number of alternatives that are handled separately; nginx would try more of them at each position of a URI.
 */
const MOST_ALTERNATIVES = 30;
/** Maximum number of characters of an alternative that are used; all together must fit into a word of nginx.conf. */
const LENGTHS = [500, 100, 20];

/**
 * A plain-text regular expression that matches whatever a path regex matches, even if that is not valid; undefined if
 * it would match every URI. `shortest`: the text of its shortest alternative. nginx anchors only the first of several
 * alternatives at the start of the URI.
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
 * The longest path that contains all URIs matching a pattern: `/api(/|$)(.*)` → `/api`, `/api.*` → `/`. Browsers can
 * use it as the Path of a cookie.
 */
export function commonPath(pattern: string): string {
  const start = literalStart(pattern);
  const rest = pattern.slice(start.length);
  const whole = rest === '' || rest === '$' || rest.startsWith('(/|$)') || rest.startsWith('(/.*)?');
  return whole ? start || '/' : start.slice(0, start.lastIndexOf('/') + 1) || '/';
}
