/** Long calculations beside everything else: Node has one thread, and endpoints must not wait for a build. */
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../types/steps.ts';

/** A step may come on top, and what it leaves to the garbage collector: 5 ms in all. */
export const SLICE_MS = 3;

/** Runs the steps, with the event loop getting its turn after each slice of time. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await setImmediate();
  }
}
