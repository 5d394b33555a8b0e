/** Long work in slices: Node has one thread, and endpoint events must get in between. */

const SLICE_MS = 4;

/** Answers a function to await inside a loop; it gives way once the present slice is used up. */
export function createBreath(): () => Promise<void> {
  let began = performance.now();
  return async function breathe(): Promise<void> {
    if (performance.now() - began < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  };
}
