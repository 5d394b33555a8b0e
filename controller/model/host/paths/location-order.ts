/** The order of the locations in a server block: the order into which nginx itself sorts them. */
import type { Match } from '../../../types/plan.ts';

/**
 * Exact and prefix locations come in ascending order of their paths, an exact location before the prefix with the same
 * path (nginx's ngx_http_cmp_locations). Up to version 1.25, nginx uses insertion sort, which takes seconds for 20,000
 * locations in any other order. Regular expressions come last, and nginx tries them in the order of the file: first
 * those that stand for an Exact path, then the others. Within both groups, longer paths come first, and paths of equal
 * length are in descending order; for the same path, the longest pattern comes first.
 */
export function inNginxOrder(a: Match, b: Match): number {
  if (a.kind === 'regex' || b.kind === 'regex') {
    return a.kind !== 'regex' ? -1 : b.kind !== 'regex' ? 1 : byPath(a, b);
  }
  return byName(a.text, b.text) || rank(a) - rank(b);
}

function rank({ kind }: Match): number {
  return kind === 'exact' ? 0 : 1;
}

function byPath(a: Match, b: Match): number {
  const exactFirst = Number(b.exact === true) - Number(a.exact === true);
  return exactFirst || byLength(placeOf(a), placeOf(b)) || byLength(a.text, b.text);
}

function placeOf({ text, literal, path }: Match): string {
  const place = path ?? literal;
  return place === undefined ? text : `^${place}`;
}

function byLength(a: string, b: string): number {
  if (a.length !== b.length) return b.length - a.length;
  return a < b ? 1 : a > b ? -1 : 0;
}

/** Compares like nginx's ngx_filename_cmp: byte by byte, with "/" before every other byte. */
function byName(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return weight(left) - weight(right);
  }
  return a.length - b.length;
}

const SLASH = 0x2f;
const SURROGATES = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** Gives UTF-16 units the order of UTF-8 bytes: surrogate pairs come after all other characters. */
function weight(unit: number): number {
  if (unit === SLASH) return -1;
  return unit >= SURROGATES && unit < AFTER_SURROGATES ? unit + 0x10000 : unit;
}
