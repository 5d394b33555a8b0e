/**
 * When to apply a structural change. A single change goes out after a short quiet time; a burst is applied together,
 * but never waits longer than the spacing of reloads.
 */

export interface CoalesceTimes {
  /** Quiet time after a change, in ms. */
  readonly quietMs: number;
  /** Minimum time between the starts of two runs, in ms; also the longest that a change waits for quiet. */
  readonly spacingMs: number;
  /** How long a patient change waits for an urgent one, in ms. */
  readonly patienceMs: number;
}

/** Whether more changes are being built; until that is done, it is not quiet. */
export type Busy = () => boolean;

export interface Coalescer {
  /** Something changed. A `patient` change is not urgent: it goes out with the next urgent one. */
  readonly request: (patient?: boolean) => void;
  readonly stop: () => void;
}

/**
 * Calls `run` for requests, never twice at a time. `run` must not reject; after it returns `nothing`, the next one need
 * not wait for the spacing.
 */
export function createCoalescer(
  times: CoalesceTimes,
  run: () => Promise<unknown>,
  busy: Busy = () => false,
): Coalescer {
  let timer: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let firstRequest: number | undefined;
  let lastStart = -Infinity;
  let running = false;
  let stopped = false;

  const longest = () => (firstRequest ?? performance.now()) + times.spacingMs;
  const start = () => {
    // Otherwise, what is being built would need a reload of its own.
    if (busy() && performance.now() < longest()) {
      arm();
      return;
    }
    firstRequest = undefined;
    clearTimeout(patience);
    patience = undefined;
    lastStart = performance.now();
    running = true;
    void run().then((result) => {
      running = false;
      if (result === 'nothing') lastStart = -Infinity;
      if (firstRequest !== undefined) arm();
    });
  };
  const arm = () => {
    if (running || stopped) return;
    clearTimeout(timer);
    const now = performance.now();
    const quiet = now + times.quietMs;
    timer = setTimeout(start, Math.max(Math.min(quiet, longest()), lastStart + times.spacingMs, now) - now);
  };
  const request = (): void => {
    firstRequest ??= performance.now();
    arm();
  };
  return {
    request: (patient = false) => {
      if (!patient) request();
      else if (!stopped && firstRequest === undefined) patience ??= setTimeout(request, times.patienceMs);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(patience);
    },
  };
}
