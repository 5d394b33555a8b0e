/** When to retry. */
import type { Tuning } from './tuning.ts';

/** The longest Retry-After that is honoured: ms. */
const MOST_PATIENCE_MS = 300_000;

/**
 * Milliseconds before the next retry after `failures` in a row (≥ 1): exponential with full jitter, so that a thousand
 * watches do not return at once. `retryAfterMs` is the minimum; the jitter is added to it.
 */
export function backoff(
  failures: number,
  retryAfterMs: number | undefined,
  { backoffMs, backoffCapMs, random }: Pick<Tuning, 'backoffMs' | 'backoffCapMs' | 'random'>,
): number {
  const jitter = random() * Math.min(backoffCapMs, backoffMs * 2 ** (failures - 1));
  return Math.min(retryAfterMs ?? 0, MOST_PATIENCE_MS) + jitter;
}

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
