/** Counts reloads by looking at processes: every reload starts new workers, which have new start times. */
import { masterOf, workersOf } from './processes.ts';

export interface Generations {
  /** The number of reloads since the start of NGINX: the generations of workers that were seen, except the first. */
  reloads(): number;
  stop(): void;
}

/**
 * Looks for new workers every 20 ms. A generation of workers exists for at least 100 ms, because the master waits this
 * long before it stops the previous generation. A worker that is replaced after a crash counts as a new worker, too.
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
