/**
 * Long calculations in small steps. The caller decides when to pause between two: never in the commands, by the clock
 * in the loop. The calculation itself does not use the clock and stays pure.
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
