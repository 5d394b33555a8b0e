/** Long work in slices: Node has one thread, and endpoint events must get in between. */

/** Collecting garbage and taking bytes from sockets come on top, and all of it is to stay below 5. */
const SLICE_MS = 2;

/** All long work of this process shares one slice a turn of the event loop; who waits is served in order. */
const waiting: (() => void)[] = [];
let began = performance.now();
let scheduled = false;

/**
 * To be awaited inside loops and before what cannot be cut up: gives way once the slice of this turn is used up. Whoever
 * waits does not cut it short, or three watches at once would get on by one event a turn.
 */
export async function breathe(): Promise<void> {
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
