/**
 * Paths and aliases that are regular expressions of a tenant. nginx runs them on a worker, where one that backtracks
 * catastrophically stops every connection, so a kept library judges each before it is written.
 */
import { isSafePattern } from 'redos-detector';

export type CheckedRegex =
  { readonly ok: true; readonly pattern: string } | { readonly ok: false; readonly reason: string };

/** Sequences of backtracks that a path may cost; literal paths cost 1. */
const MAX_SCORE = 200;
/**
 * Work of the check itself, so that the same pattern always gets the same answer. Ten times as much took 40 s for
 * `(a|a)*$`, in which nothing else was done; the patterns of path-regex.test.ts need less.
 */
const MAX_STEPS = 2_000;
const MAX_LENGTH = 2048;
const MAX_REMEMBERED = 20_000;

const remembered = new Map<string, CheckedRegex>();

/** Named groups would set variables of nginx; unnamed ones number the same. */
function withoutNames(pattern: string): string {
  return pattern.replaceAll(/\(\?P?<(?![=!])[A-Za-z_][A-Za-z0-9_]*>|\(\?'[A-Za-z_][A-Za-z0-9_]*'/g, '(');
}

/**
 * What PCRE has and JavaScript has not, replaced by something that backtracks at least as much: the result is only
 * judged, never used.
 */
function forJudging(pattern: string): string {
  return pattern
    .replaceAll(/\[:\^?[a-z]+:\]/g, '\\w')
    .replaceAll('(?>', '(?:')
    .replaceAll(/([*+?}])\+/g, '$1')
    .replaceAll(/\(\?[imsx]+\)/g, '')
    .replaceAll(/\(\?[imsx]+:/g, '(?:')
    .replaceAll('\\A', '^')
    .replaceAll(/\\[Zz]/g, '$$')
    .replaceAll('\\h', '[ \\t]');
}

function judge(pattern: string, added: number): CheckedRegex {
  if (pattern.length - added > MAX_LENGTH) return { ok: false, reason: `is longer than ${MAX_LENGTH} characters` };
  try {
    const verdict = isSafePattern(forJudging(pattern), {
      caseInsensitive: true,
      maxScore: MAX_SCORE,
      maxSteps: MAX_STEPS,
      timeout: Infinity,
    });
    if (verdict.safe) return { ok: true, pattern };
    return { ok: false, reason: 'can take very long on some requests (nested or adjacent repetitions)' };
  } catch (error) {
    // The library's words differ with what it expected; where it stopped is what helps.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return {
      ok: false,
      reason: `is not a regular expression${position === undefined ? '' : ` (see character ${Number(position) - added})`}`,
    };
  }
}

/** The regular expression to give to nginx for a tenant's, or why it is refused. */
export function checkRegex(text: string): CheckedRegex {
  return remember(text, 0);
}

/** `added`: how many characters of the text are not the tenant's. */
function remember(text: string, added: number): CheckedRegex {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const result = judge(withoutNames(text), added);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, result);
  return result;
}

/**
 * The same for a path, which nginx matches from the start of the URI: without that anchor every repetition would count as
 * tried from each character on. The pattern comes back as it was given, without the anchor.
 */
export function checkPathRegex(text: string): CheckedRegex {
  const checked = remember(`^${text}`, 1);
  return checked.ok ? { ok: true, pattern: checked.pattern.slice(1) } : checked;
}

/** What matches everything before and after, where a pattern is looked for anywhere. */
const LEAD = /^\^?\.\*(?![?+*{])/;
const TAIL = /(?<=(?:^|[^\\])(?:\\\\)*)\.\*\$?$/;

/**
 * The same for a pattern that is looked for anywhere in a text whose length is bounded: that it begins anew at each
 * character is fine, as long as each beginning comes to an end soon.
 */
export function checkSearch(text: string): CheckedRegex {
  if (!isBalanced(text)) return checkRegex(text);
  const checked = remember(`^(?:${text.replace(LEAD, '').replace(TAIL, '')})`, 4);
  return checked.ok ? { ok: true, pattern: withoutNames(text) } : checked;
}

/** A parenthesis too many would close the group that it is judged in. */
function isBalanced(text: string): boolean {
  try {
    return new RegExp(forJudging(withoutNames(text))).source !== '';
  } catch {
    return false;
  }
}

const META = /[\\^$|?*+()[\]{}]/;

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
