/** Long loops that let the event loop breathe: endpoint events must not wait for them. */
import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 4;
const LOOK_EVERY = 32;

/** Calls `each` for every item and yields to the event loop about every 4 ms. */
export async function inSlices<T>(items: Iterable<T>, each: (item: T) => void): Promise<void> {
  let since = performance.now();
  let count = 0;
  for (const item of items) {
    each(item);
    count += 1;
    if (count % LOOK_EVERY === 0 && performance.now() - since > SLICE_MS) {
      await setImmediate();
      since = performance.now();
    }
  }
}
