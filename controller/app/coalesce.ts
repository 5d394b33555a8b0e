/**
 * When to apply a structural change. A single one goes out after a short quiet time; a burst is taken together, but
 * never waits longer than the spacing of reloads.
 */

export interface CoalesceTimes {
  /** Quiet time after a change, in ms. */
  readonly quietMs: number;
  /** Least time between the starts of two runs, in ms; also the longest that a change waits for quiet. */
  readonly spacingMs: number;
}

export interface Coalescer {
  /** Something changed. */
  readonly request: () => void;
  /** Resolves when nothing is waiting or running. */
  readonly idle: () => Promise<void>;
  readonly stop: () => void;
}

/** Calls `run` for requests; never twice at a time. `run` must not reject. */
export function createCoalescer(times: CoalesceTimes, run: () => Promise<void>): Coalescer {
  let timer: NodeJS.Timeout | undefined;
  let firstRequest: number | undefined;
  let lastStart = -Infinity;
  let running: Promise<void> | undefined;
  let stopped = false;

  const start = () => {
    timer = undefined;
    firstRequest = undefined;
    lastStart = performance.now();
    running = run().finally(() => {
      running = undefined;
      if (firstRequest !== undefined) arm();
    });
  };
  const arm = () => {
    if (running !== undefined || stopped) return;
    clearTimeout(timer);
    const now = performance.now();
    const quiet = now + times.quietMs;
    const longest = (firstRequest ?? now) + times.spacingMs;
    timer = setTimeout(start, Math.max(Math.min(quiet, longest), lastStart + times.spacingMs) - now);
  };
  return {
    request: () => {
      firstRequest ??= performance.now();
      arm();
    },
    idle: async () => {
      while (!stopped && (running !== undefined || timer !== undefined)) {
        await (running ?? new Promise((resolve) => setTimeout(resolve, 10)));
      }
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
