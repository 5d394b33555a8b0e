/** What both drivers of NGINX can be told. */
import type { Capabilities } from '../types/nginx.ts';

export interface DriverOptions {
  /** Absolute, or below the working directory; created where it is missing. */
  readonly runDir: string;
  readonly capabilities: Capabilities;
  /** Told of what goes wrong without a caller who could be told: a full disk, an NGINX that stays unreachable. */
  readonly log?: (problem: string) => void;
  /** How long removals wait at least, milliseconds. */
  readonly removalGraceMs?: number;
  /** So many workers may stay behind a reload for their connections; absent: eight generations. */
  readonly maxDrainingWorkers?: number;
  readonly checkTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  readonly reloadTimeoutMs?: number;
  /** How long live data is tried before the calls for it are answered `failed`, milliseconds. */
  readonly pushTimeoutMs?: number;
  /** Pause before live data that NGINX refused is offered again, milliseconds; twice as long after each further refusal. */
  readonly offerAgainMs?: number;
  /** How long one request to the live API may take, milliseconds. */
  readonly apiTimeoutMs?: number;
  /** Pause before a failed write of live.data is tried again, milliseconds. */
  readonly journalRetryMs?: number;
}
