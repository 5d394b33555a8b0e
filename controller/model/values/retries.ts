/** When and how often a request is passed to another endpoint. */
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
  /** Empty: never. */
  readonly on: readonly Condition[];
  /** POST, LOCK and PATCH as well. */
  readonly nonIdempotent: boolean;
}

const WORDS: ReadonlySet<string> = new Set([...CONDITIONS, 'non_idempotent', 'off']);

/** The words of nginx's proxy_next_upstream. `off` overrides all others, as it does there. */
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

/** The maximum of a route; the number of endpoints is a further limit. */
const UNLIMITED = 1_000_000;

/** Tries of a route. Without retries it is 1, so that failures are detected at the end of the request. */
export function triesOf({ on }: RetryConditions, tries: number): number {
  if (on.length === 0) return 1;
  return tries === 0 ? UNLIMITED : tries;
}
