/** Long work in slices: Node has one thread, and endpoints must not wait. */
import type { Steps } from '../types/steps.ts';
import { nextTurn, SLICE_MS } from './yield-to-event-loop.ts';

/** How many items of a long list make one step. */
const ITEMS = 32;

/** Runs the steps and yields to the event loop after each time slice. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  return atOnceOrInSlices(steps);
}

/** Runs the first slice at once, and returns the result if that is enough. */
export function atOnceOrInSlices<T>(steps: Steps<T>): T | Promise<T> {
  const first = runSlice(steps);
  return first.done === true ? first.value : rest(steps);
}

/** Calls `each` for every item. */
export async function eachInSlices<T>(items: Iterable<T>, each: (item: T) => void): Promise<void> {
  await atOnceOrInSlices(stepsOf(items, each));
}

function* stepsOf<T>(items: Iterable<T>, each: (item: T) => void): Steps<void> {
  let count = 0;
  for (const item of items) {
    each(item);
    count += 1;
    if (count % ITEMS === 0) yield;
  }
}

/** Work in progress, in turns of the event loop. */
export interface Sliced {
  readonly stop: () => void;
  /** Does the rest at once. */
  readonly finish: () => void;
}

/**
 * Runs the steps: the first slice at once, the others in later turns of the event loop, until the work is done or
 * stopped.
 */
export function beginSlices(steps: Steps<unknown>): Sliced {
  let over = false;

  function run(ms: number): void {
    if (over) return;
    over = runSlice(steps, ms).done === true;
    if (!over) void nextTurn().then(() => run(SLICE_MS));
  }

  run(SLICE_MS);
  return { stop: () => (over = true), finish: () => run(Infinity) };
}

async function rest<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await nextTurn();
    const next = runSlice(steps);
    if (next.done === true) return next.value;
  }
}

/**
 * Runs steps until they are done or the time is over. Returns the last one. `now`: milliseconds of a monotonic clock.
 */
export function runSlice<T>(
  steps: Steps<T>,
  ms = SLICE_MS,
  now = () => performance.now(),
): IteratorResult<undefined, T> {
  const end = now() + ms;
  for (;;) {
    const step = steps.next();
    if (step.done === true || now() >= end) return step;
  }
}
