/**
 * Turns of the event loop for long work: Node has one thread, and endpoint events must be handled in between. All long
 * work of this process shares one slice a turn, so that a turn stays short however much of it there is.
 */

/** Garbage collection and socket reads add to this; the total must stay below 5. */
const SLICE_MS = 2;

/** Resumed in order, one a turn. */
const waiting: (() => void)[] = [];
let began = performance.now();
let scheduled = false;

/**
 * To be awaited inside loops and before work that cannot be split: yields once the slice of this turn is used up.
 * Waiting callers do not shorten the slice; otherwise three watches at once would advance by one event a turn.
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
