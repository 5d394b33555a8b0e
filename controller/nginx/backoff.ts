/**
 * For times during which NGINX accepts no live data: measures how long they last, reports each of them once, and spaces
 * the retries.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from '../time/back-off.ts';
import type { LiveApiFailure } from './live-api.ts';

export interface BackoffOptions {
  /** How long NGINX may accept no live data before waiting calls are answered with `failed`, in milliseconds. */
  readonly giveUpMs: number;
  readonly log: (problem: string) => void;
  /** Answers the waiting calls with `failed`. The live data that they requested is still sent later. */
  readonly fail: (message: string) => void;
}

export interface Backoff {
  /** Call it after a failed attempt. Resolves when the next attempt is due. */
  pause(failure: LiveApiFailure): Promise<void>;
  /** Call it after a successful attempt. */
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
