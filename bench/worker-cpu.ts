/** Measures the CPU of one worker per request of wrk. */
import { cpuOf } from './cores.ts';
import type { Figure } from './result.ts';
import { median } from './statistics.ts';
import { runWrk, type WrkOptions } from './wrk.ts';

export interface Round {
  /** Microseconds of worker CPU per request. */
  readonly cpu: number;
  readonly perSecond: number;
  /** The fraction of the time during which the worker used its core. */
  readonly busy: number;
}

/** Runs wrk and measures the worker. Throws if a request got a status of 400 or above, or no answer. */
export async function askWorker(worker: number, options: WrkOptions): Promise<Round> {
  const before = cpuOf(worker);
  const { requests, perSecond, refused, socketErrors } = await runWrk(options);
  const used = cpuOf(worker) - before;
  if (refused + socketErrors > 0) throw new Error(`${refused} answers of status 400 and above, ${socketErrors} errors`);
  return { cpu: used / 1000 / requests, perSecond, busy: (used / 1e9 / requests) * perSecond };
}

export function cpuFigure(subject: string, rounds: readonly Round[] = []): Figure {
  const cpu = rounds.map((round) => round.cpu);
  return {
    subject,
    values: {
      'CPU median µs': median(cpu),
      'least µs': Math.min(...cpu),
      'requests/s': median(rounds.map((round) => round.perSecond)),
      'busy %': median(rounds.map((round) => round.busy)) * 100,
    },
  };
}
