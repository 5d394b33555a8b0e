/** Options of both drivers of NGINX. */
import type { Capabilities } from '../types/nginx.ts';

export interface DriverOptions {
  /** Absolute, or relative to the working directory; created if it is missing. */
  readonly runDir: string;
  readonly capabilities: Capabilities;
  /** Receives errors that no caller waits for: a full disk, an NGINX that stays unreachable. */
  readonly log?: (problem: string) => void;
  /** Minimum delay of removals, milliseconds. */
  readonly removalGraceMs?: number;
  /** How many workers of earlier configurations may stay for their connections; absent: eight generations. */
  readonly maxDrainingWorkers?: number;
  readonly checkTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  readonly reloadTimeoutMs?: number;
  /** How long live data is retried before its calls are answered `failed`, milliseconds. */
  readonly pushTimeoutMs?: number;
  /** Pause before refused live data is offered again, milliseconds; doubled after each further refusal. */
  readonly offerAgainMs?: number;
  /** Timeout of one request to the live API, milliseconds. */
  readonly apiTimeoutMs?: number;
  /** Pause before a failed write of live.data is retried, milliseconds. */
  readonly journalRetryMs?: number;
}
