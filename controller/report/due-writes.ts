/** Decides which statuses have to be written now, and when to check the other ones again. */
import { backOffMs, halfRandom } from '../time/back-off.ts';

export interface DueWrites {
  /** Whether the write of `wanted` to the object `key` is due. */
  readonly isDue: (key: string, wanted: string) => boolean;
  readonly wrote: (key: string, wanted: string) => void;
  /**
   * Records a failure: the write is retried after a back-off of at least `atLeastMs`. Returns the number of consecutive
   * failures of this object.
   */
  readonly failed: (key: string, wanted: string, atLeastMs: number) => number;
  /** Milliseconds until the next waiting write is due; Infinity if there is none. */
  readonly nextMs: () => number;
  /** Forgets objects that no longer need a write. */
  readonly keepOnly: (keys: { readonly has: (key: string) => boolean }) => void;
}

interface Attempt {
  readonly wanted: string;
  readonly failures: number;
  readonly until: number;
}

const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 120_000;

/**
 * The same content is not written to an object again for `settleMs`, because the watch needs a moment to show it, and
 * because this process must not compete with another writer.
 */
export function createDueWrites(settleMs: number, firstRetryMs = FIRST_RETRY_MS): DueWrites {
  const attempts = new Map<string, Attempt>();
  const failuresOf = (key: string) => attempts.get(key)?.failures ?? 0;
  return {
    isDue: (key, wanted) => {
      const last = attempts.get(key);
      if (last === undefined || performance.now() >= last.until) return true;
      return last.failures === 0 && last.wanted !== wanted;
    },
    wrote: (key, wanted) => void attempts.set(key, { wanted, failures: 0, until: performance.now() + settleMs }),
    failed: (key, wanted, atLeastMs) => {
      const failures = failuresOf(key) + 1;
      const until =
        performance.now() + Math.max(atLeastMs, halfRandom(backOffMs(failures, firstRetryMs, MOST_RETRY_MS)));
      attempts.set(key, { wanted, failures, until });
      return failures;
    },
    nextMs: () => {
      const next = Math.min(...[...attempts.values()].map(({ until }) => until));
      return Math.max(0, next - performance.now());
    },
    keepOnly: (keys) => {
      for (const key of attempts.keys()) if (!keys.has(key)) attempts.delete(key);
    },
  };
}
