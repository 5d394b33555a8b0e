/** Limits concurrency, so that 200 single-name watches do not hit the API server at once. */

export interface ConcurrencyLimit {
  /** Runs `work` when there is room, in the order of the calls. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createConcurrencyLimit(width: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async run(work) {
      if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
      else inside += 1;
      try {
        return await work();
      } finally {
        // The waiting call takes over this slot.
        const next = waiting.shift();
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}
