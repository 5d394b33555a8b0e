/** Options that `createNginx` and `createSidecarNginx` share. */
import type { Capabilities } from '../types/nginx.ts';

export interface DriverOptions {
  /** Path of the run directory, absolute or relative to the working directory. Created if it is missing. */
  readonly runDir: string;
  readonly capabilities: Capabilities;
  /** Receives errors of work that no caller waits for, such as a full disk or an NGINX that stays unreachable. */
  readonly log?: (problem: string) => void;
  /** Minimum delay before a live key is removed, in milliseconds. */
  readonly removalGraceMs?: number;
  /** How many workers of earlier configurations may be draining. If absent: eight generations. */
  readonly maxDrainingWorkers?: number;
  readonly checkTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  readonly reloadTimeoutMs?: number;
  /**
   * How long NGINX may accept no live data before calls that wait for it are answered with `failed`, in milliseconds.
   */
  readonly pushTimeoutMs?: number;
  /** Pause before refused live data is sent again, in milliseconds. The pause doubles after each refusal. */
  readonly offerAgainMs?: number;
  /** Timeout of each wait in a request to the live API, in milliseconds. */
  readonly apiTimeoutMs?: number;
  /** Pause before a failed write of live.data is retried, in milliseconds. */
  readonly journalRetryMs?: number;
}
