/** Limits how many tasks run at the same time, for example the lists of 200 watches of single names. */

export interface ConcurrencyLimit {
  /** Runs `work` as soon as fewer than `width` tasks are running, in the order of the calls. */
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
        // The next waiting call takes over this slot.
        const next = waiting.shift();
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}
