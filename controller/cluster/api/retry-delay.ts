/** Calculates the delay before a retry. */
import { backOffMs, fullyRandom } from '../../time/back-off.ts';
import type { Tuning } from './tuning.ts';

/** The longest Retry-After delay that is respected, in ms. A longer one is shortened to this. */
const MOST_PATIENCE_MS = 300_000;

/**
 * Milliseconds before the next retry, after `failures` consecutive failures (at least 1): a random part of the back-off
 * plus `retryAfterMs`.
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | undefined,
  { backoffMs, backoffCapMs, random }: Pick<Tuning, 'backoffMs' | 'backoffCapMs' | 'random'>,
): number {
  const jitter = fullyRandom(backOffMs(failures, backoffMs, backoffCapMs), random);
  return Math.min(retryAfterMs ?? 0, MOST_PATIENCE_MS) + jitter;
}
