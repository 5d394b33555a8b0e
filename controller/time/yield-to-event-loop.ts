/**
 * Turns of the event loop for long work: Node has one thread, and endpoint events must be handled in between. All long
 * work of this process shares one slice per turn, so that a turn stays short however much of it there is.
 */

/**
 * Length of a slice in ms. One more step, garbage collection and socket reads come on top. A change to endpoints needs
 * several turns of the event loop until it is sent, and each of them may contain a slice. A build in slices of 1 ms
 * takes no longer than one in slices of 3 ms.
 */
export const SLICE_MS = 1;

/** Resumed in this order, one per turn. */
const waiting: (() => void)[] = [];
let began = performance.now();
let scheduled = false;

/**
 * To be awaited inside loops and before work that cannot be split: yields once the slice of this turn is used up.
 * Waiting callers do not shorten the slice; otherwise three watches at once would advance by one event per turn.
 */
export async function yieldToEventLoop(): Promise<void> {
  if (performance.now() - began >= SLICE_MS) await nextTurn();
}

/** Resolves in a turn of the event loop whose slice is the caller's alone. */
export async function nextTurn(): Promise<void> {
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
