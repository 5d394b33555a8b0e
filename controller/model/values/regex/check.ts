/** The only way for regular expressions of tenants and administrators to reach NGINX or Lua. */
import { judge, type RegexVerdict } from './judge.ts';
import { createMemo } from './memo.ts';
import { parse } from './parser.ts';
import { NotInGrammar } from './syntax.ts';

export interface AcceptedRegex {
  readonly ok: true;
  /** As written, without the names of groups, which would set variables of NGINX. */
  readonly pattern: string;
  /** Prefix for PCRE: a limit of steps, or nothing. */
  readonly limit: string;
  /** Maximum steps of PCRE for a text of 8 KiB that does not match. */
  readonly steps: number;
  /** Work of the check. */
  readonly work: number;
}

/** `reason` is the end of a sentence: `has a ( that is not closed (character 9)`. */
export type CheckedRegex = AcceptedRegex | { readonly ok: false; readonly reason: string; readonly work: number };

type Read =
  { readonly pattern: string; readonly verdict: RegexVerdict } | { readonly reason: string; readonly at: number };

const remembered = createMemo<Read>();

/** `lines`: the matched text may have several lines. */
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

/** Nested steps: PCRE 8 keeps them on the stack. */
const MOST_NESTED = 4000;

const SLOW = 'can take very long on some requests (nested or adjacent repetitions)';

/** `added`: number of characters at the beginning that are not the tenant's. */
function refusal(known: Read, added: number): CheckedRegex {
  if ('verdict' in known) return { ok: false, reason: known.verdict.refused ?? SLOW, work: known.verdict.work };
  // A text that is too long has no position to name.
  const place = known.at < added ? '' : ` (character ${known.at - added + 1})`;
  return { ok: false, reason: `${known.reason}${place}`, work: 0 };
}

/** PCRE counts only steps that it may backtrack, so all must be of that kind. */
function limitTo(steps: number | undefined): string {
  return steps === undefined ? '' : `(*NO_AUTO_POSSESS)(*LIMIT_MATCH=${steps})(*LIMIT_RECURSION=${MOST_NESTED})`;
}

/**
 * A path, which nginx matches from the start of the URI. The result has no anchor either: it is written as
 * `${limit}^${pattern}`.
 */
export function checkPathRegex(text: string): CheckedRegex {
  const known = read(`^${text}`, true);
  if (!('verdict' in known) || known.verdict.refused !== undefined) return refusal(known, 1);
  const { limit, anchored, steps, work } = known.verdict;
  // The limit applies to each position at which a pattern is tried.
  if (limit !== undefined && !anchored) return refusal(known, 1);
  return { ok: true, pattern: known.pattern.slice(1), limit: limitTo(limit), steps, work };
}

/** A pattern that is searched for anywhere, and cannot have a limit, because it runs on all requests. */
export function checkRegex(text: string): CheckedRegex {
  const known = read(text, false);
  if (!('verdict' in known) || known.verdict.refused !== undefined || known.verdict.limit !== undefined)
    return refusal(known, 0);
  const { steps, work } = known.verdict;
  return { ok: true, pattern: known.pattern, limit: '', steps, work };
}

/**
 * A pattern that is searched for anywhere in one line, as written for PCRE. With a limit the pattern itself runs
 * through the line, because PCRE counts anew at each position.
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
