/** When to retry. */
import { backOffMs, fullyRandom } from '../../time/back-off.ts';
import type { Tuning } from './tuning.ts';

/** The longest Retry-After that is honoured: ms. */
const MOST_PATIENCE_MS = 300_000;

/**
 * Milliseconds before the next retry after `failures` in a row (≥ 1): a random part of the back-off, added to
 * `retryAfterMs`, which is the minimum.
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | undefined,
  { backoffMs, backoffCapMs, random }: Pick<Tuning, 'backoffMs' | 'backoffCapMs' | 'random'>,
): number {
  const jitter = fullyRandom(backOffMs(failures, backoffMs, backoffCapMs), random);
  return Math.min(retryAfterMs ?? 0, MOST_PATIENCE_MS) + jitter;
}
