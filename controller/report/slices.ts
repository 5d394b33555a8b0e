/** Long lists of Problems are gone through in slices: changes of endpoints go in between. */
import { SLICE_MS } from '../time/slices.ts';

export interface Sliced {
  readonly stop: () => void;
  /** Does the rest at once. */
  readonly finish: () => void;
}

/** Goes through the steps: one slice of time at once, and the rest in turns of the event loop. */
export function inSlices(steps: Iterator<unknown>): Sliced {
  let next: NodeJS.Immediate | undefined;

  function run(end: number): void {
    clearImmediate(next);
    next = undefined;
    while (steps.next().done !== true)
      if (performance.now() >= end) {
        next = setImmediate(() => run(performance.now() + SLICE_MS));
        return;
      }
  }

  run(performance.now() + SLICE_MS);
  return { stop: () => clearImmediate(next), finish: () => run(Infinity) };
}
