/**
 * Long calculations in small steps. Whoever drives one decides when to pause between two: at once for the commands,
 * by the clock in the loop. The calculation itself knows no clock and stays pure.
 */

/** Yields between steps of well under a millisecond, and returns what was calculated. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs all steps without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
