/** When to try again. */
import type { Tuning } from './tuning.ts';

/** A server may ask for patience, but not for more than this: ms. */
const MOST_PATIENCE_MS = 300_000;

/**
 * Milliseconds before the next try after `failures` in a row (≥ 1): exponential with full jitter, so that a thousand
 * watches do not come back at once. `retryAfterMs` is the least, with the jitter on top.
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
