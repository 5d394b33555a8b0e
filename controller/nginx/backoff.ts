/** NGINX does not accept live data: for how long already, whom to tell, and when to retry. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from '../time/back-off.ts';
import type { ApiFailure } from './live-api.ts';

export interface BackoffOptions {
  /** How long NGINX may be unreachable before waiting calls are answered `failed`, milliseconds. */
  readonly giveUpMs: number;
  readonly log: (problem: string) => void;
  /** Answers the waiting calls; what they asked for is kept. */
  readonly fail: (message: string) => void;
}

export interface Backoff {
  /** An attempt failed. Resolves when the next one is due. */
  pause(failure: ApiFailure): Promise<void>;
  /** An attempt succeeded. */
  over(): void;
}

const BACKOFF_MIN_MS = 5;
export const BACKOFF_MAX_MS = 1000;

export function createBackoff({ giveUpMs, log, fail }: BackoffOptions): Backoff {
  let since: number | undefined;
  let reported = false;
  let failures = 0;
  return {
    async pause(failure) {
      since ??= performance.now();
      if (performance.now() - since >= giveUpMs) {
        const message = `NGINX did not accept live data for ${giveUpMs} ms: ${failure.message}`;
        fail(message);
        if (!reported) log(`${message}; trying again`);
        reported = true;
      }
      failures += 1;
      await sleep(backOffMs(failures, BACKOFF_MIN_MS, BACKOFF_MAX_MS));
    },
    over() {
      since = undefined;
      reported = false;
      failures = 0;
    },
  };
}
