/**
 * Decides when to apply changes that need a reload. A single change is applied after a short quiet time. Changes in
 * quick succession are applied together, but no change waits for a quiet time longer than the spacing between reloads.
 */

export interface CoalesceTimes {
  /** The quiet time that has to pass after a change before it is applied, in ms. */
  readonly quietMs: number;
  /**
   * Minimum time between the starts of two runs, in ms. This is also the longest that a change waits for a quiet time.
   */
  readonly spacingMs: number;
  /** How long a patient (not urgent) change waits for an urgent one, in ms. */
  readonly patienceMs: number;
}

/** Whether more changes are being built. While they are, a run waits for them. */
export type Busy = () => boolean;

export interface Coalescer {
  /** Reports a change. A `patient` change is not urgent: it is applied together with the next urgent one. */
  readonly request: (patient?: boolean) => void;
  readonly stop: () => void;
}

/**
 * Calls `run` for requests, never twice at the same time. `run` must not reject. If it resolves to `nothing`, the next
 * run does not have to wait for the spacing.
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
    // Waits for the running build; otherwise its changes would need a separate reload.
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
