import type { Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';

/** Where the loop reports what happened; the reporter decides nothing. */
export interface Reporter {
  /** All current Problems. */
  readonly problems: (problems: readonly Problem[]) => void;
  /** The result for nginx.conf and the process; `sinceMs`: time since the change. */
  readonly structure: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** The result for live data. */
  readonly live: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** Building the Ingress `namespace/name` failed: an error of this program. */
  readonly fault: (ingress: string, error: Error) => void;
  readonly info: (message: string) => void;
  readonly error: (message: string) => void;
}
