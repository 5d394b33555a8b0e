/** Counts reloads from outside: every reload starts a set of new workers, known by their start times. */
import { masterOf, workersOf } from './processes.ts';

export interface Generations {
  /** Reloads since the start: generations of workers seen, without the first. */
  reloads(): number;
  stop(): void;
}

/**
 * Looks every 20 ms; a generation of workers lives at least 100 ms, because the master waits that long before it stops
 * the old one. Workers that are replaced one by one (after a crash) would be counted too.
 */
export function watchGenerations(runDir: string): Generations {
  const seen = new Set<string>();
  let size = 0;
  function look(): void {
    const master = masterOf(runDir);
    if (master === undefined) return;
    const workers = workersOf(master.pid);
    if (size === 0) size = workers.length;
    for (const { pid, startTime } of workers) seen.add(`${pid} ${startTime}`);
  }
  look();
  const timer = setInterval(look, 20);
  return {
    reloads: () => {
      look();
      return Math.ceil(seen.size / Math.max(size, 1)) - 1;
    },
    stop: () => clearInterval(timer),
  };
}
