/** Checks regular expressions of tenants and administrators. None reaches NGINX or Lua without this check. */
import { judge, type RegexVerdict } from './judge.ts';
import { createMemo } from './memo.ts';
import { parse } from './parser.ts';
import { NotInGrammar } from './syntax.ts';

export interface AcceptedRegex {
  readonly ok: true;
  /** The pattern as written, but without the names of groups, which would set variables of NGINX. */
  readonly pattern: string;
  /** Prefix that limits the number of PCRE's steps; empty if no limit is needed. */
  readonly limit: string;
  /** Maximum number of PCRE's steps for a string of 8 KiB that does not match. */
  readonly steps: number;
  /** Work of the check itself, in states and transitions of automata. */
  readonly work: number;
}

/**
 * The result of a check. `reason` is the end of a sentence that begins with the pattern: `has a ( that is not closed
 * (character 9)`.
 */
export type CheckedRegex = AcceptedRegex | { readonly ok: false; readonly reason: string; readonly work: number };

type Read =
  { readonly pattern: string; readonly verdict: RegexVerdict } | { readonly reason: string; readonly at: number };

const remembered = createMemo<Read>();

/** Parses and judges a pattern. `lines`: whether the string that is matched later may have several lines. */
function read(text: string, lines: boolean): Read {
  return remembered(`${lines ? 'm' : 's'}${text}`, () => {
    try {
      const parsed = parse(text);
      return { pattern: parsed.pattern, verdict: judge(parsed, lines) };
    } catch (error) {
      if (!(error instanceof NotInGrammar)) throw error;
      return { reason: error.reason, at: error.at };
    }
  });
}

/** Maximum number of nested steps, which PCRE 8 stores on the stack. */
const MOST_NESTED = 4000;

const SLOW = 'can take a very long time on some requests (nested or adjacent repetitions)';

/**
 * The result for a refused pattern. `added`: number of characters that were added at the beginning of the user's text.
 */
function refusal(known: Read, added: number): CheckedRegex {
  if ('verdict' in known) return { ok: false, reason: known.verdict.refused ?? SLOW, work: known.verdict.work };
  // If the whole text is too long, there is no position to report.
  const place = known.at < added ? '' : ` (character ${known.at - added + 1})`;
  return { ok: false, reason: `${known.reason}${place}`, work: 0 };
}

/**
 * The prefix that limits the number of steps. PCRE counts only steps that it can backtrack, so the prefix also disables
 * an optimization that makes steps without backtracking.
 */
function limitTo(steps: number | undefined): string {
  return steps === undefined ? '' : `(*NO_AUTO_POSSESS)(*LIMIT_MATCH=${steps})(*LIMIT_RECURSION=${MOST_NESTED})`;
}

/**
 * Checks a path, which nginx matches from the start of the URI. Neither `text` nor the resulting pattern has an anchor:
 * the result must be written as `${limit}^${pattern}`.
 */
export function checkPathRegex(text: string): CheckedRegex {
  const known = read(`^${text}`, true);
  if (!('verdict' in known) || known.verdict.refused !== undefined) return refusal(known, 1);
  const { limit, anchored, steps, work } = known.verdict;
  // PCRE applies the limit separately to each position at which it tries a pattern, so an unanchored pattern would be
  // too slow.
  if (limit !== undefined && !anchored) return refusal(known, 1);
  return { ok: true, pattern: known.pattern.slice(1), limit: limitTo(limit), steps, work };
}

/**
 * Checks a pattern that is searched for anywhere in a string. It is refused if it would need a limit on its steps,
 * because nginx matches it for requests of all tenants, and exceeding the limit would make these fail.
 */
export function checkRegex(text: string): CheckedRegex {
  const known = read(text, false);
  if (!('verdict' in known) || known.verdict.refused !== undefined || known.verdict.limit !== undefined)
    return refusal(known, 0);
  const { steps, work } = known.verdict;
  return { ok: true, pattern: known.pattern, limit: '', steps, work };
}

/**
 * Checks a pattern that is searched for anywhere in one line of text. If it needs a limit on its steps, it is anchored
 * at the start, with a prefix that matches any characters before it: otherwise, PCRE would start counting from zero at
 * each position.
 */
export function checkSearch(text: string): CheckedRegex {
  const known = read(text, false);
  if (!('verdict' in known) || known.verdict.refused !== undefined) return refusal(known, 0);
  const { limit, anchored, steps, work } = known.verdict;
  const { pattern } = known;
  if (limit === undefined) return { ok: true, pattern, limit: '', steps, work };
  const whole = anchored ? pattern : `\\A(?s:.*?)(?:${pattern})`;
  return { ok: true, pattern: `${limitTo(limit)}${whole}`, limit: limitTo(limit), steps, work };
}
