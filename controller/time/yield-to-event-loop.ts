/** Long work in slices: Node has one thread, and endpoint events must be handled in between. */

/** Garbage collection and socket reads add to this; the total must stay below 5. */
const SLICE_MS = 2;

/** All long work of this process shares one slice per turn of the event loop; waiting callers are resumed in order. */
const waiting: (() => void)[] = [];
let began = performance.now();
let scheduled = false;

/**
 * To be awaited inside loops and before work that cannot be split: yields once the slice of this turn is used up.
 * Waiting callers do not shorten the slice; otherwise three watches at once would advance by one event a turn.
 */
export async function yieldToEventLoop(): Promise<void> {
  if (performance.now() - began < SLICE_MS) return;
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    schedule();
  });
}

function schedule(): void {
  if (scheduled || waiting.length === 0) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    began = performance.now();
    waiting.shift()?.();
    schedule();
  });
}
