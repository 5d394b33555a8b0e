/**
 * Long calculations in small steps. The caller decides whether to pause between two steps: the commands never do, and
 * the loop does after some milliseconds. The calculation itself does not read the clock, and so stays pure.
 */

/** Yields after each step, which takes well under a millisecond, and returns the result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs all steps without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
