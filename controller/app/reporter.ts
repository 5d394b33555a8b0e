import type { Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';

/** Where the loop says what happened; it decides nothing. */
export interface Reporter {
  /** All Problems there are now. */
  readonly problems: (problems: readonly Problem[]) => void;
  /** What became of nginx.conf and the process; `sinceMs`: from the change to now. */
  readonly structure: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** What became of live data. */
  readonly live: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** Building the part of an Ingress, `namespace/name`, failed: a fault of this program. */
  readonly fault: (ingress: string, error: Error) => void;
  readonly info: (message: string) => void;
  readonly error: (message: string) => void;
}
