/** Conditions under which a request is passed to another endpoint, and how often. */
import type { Parser } from '../contract/parser.ts';
import { itemThat, listOf } from './list.ts';

const CONDITIONS = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
] as const;
type Condition = (typeof CONDITIONS)[number];

export interface RetryConditions {
  /** Empty: requests are never passed to another endpoint. */
  readonly on: readonly Condition[];
  /** Whether POST, LOCK and PATCH requests are passed to another endpoint, too. */
  readonly nonIdempotent: boolean;
}

const WORDS: ReadonlySet<string> = new Set([...CONDITIONS, 'non_idempotent', 'off']);

/** The words of nginx's proxy_next_upstream. As in nginx, `off` overrides all other words. */
export const retryConditions: Parser<RetryConditions> = listOf({
  accepts: `${[...WORDS].join(', ')}; several are separated by spaces`,
  separator: / +/,
  item: itemThat((word) => WORDS.has(word), 'is not one of these words'),
  value: (words) => {
    const on = words.includes('off') ? [] : CONDITIONS.filter((condition) => words.includes(condition));
    return { on, nonIdempotent: on.length > 0 && words.includes('non_idempotent') };
  },
});

/** Arguments of proxy_next_upstream. */
export function conditionWords({ on, nonIdempotent }: RetryConditions): readonly string[] {
  if (on.length === 0) return ['off'];
  return nonIdempotent ? [...on, 'non_idempotent'] : on;
}

/** Maximum number of tries in a route; the number of endpoints is another limit. */
const UNLIMITED = 1_000_000;

/** Maximum number of tries for a route. If requests are never retried, it is 1: the first failure ends the request. */
export function triesOf({ on }: RetryConditions, tries: number): number {
  if (on.length === 0) return 1;
  return tries === 0 ? UNLIMITED : tries;
}
