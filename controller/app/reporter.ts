import type { Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';

/** Receives the loop's results. The reporter decides nothing. */
export interface Reporter {
  /** Reports all current Problems. */
  readonly problems: (problems: readonly Problem[]) => void;
  /** Reports the result of a change to nginx.conf or of the NGINX process. `sinceMs`: time since the change. */
  readonly structure: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** Reports the result of sending live data. `sinceMs`: time since the change. */
  readonly live: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** Reports that building the Ingress `namespace/name` threw an exception, which is a bug in Tidegate. */
  readonly fault: (ingress: string, error: Error) => void;
  readonly info: (message: string) => void;
  readonly error: (message: string) => void;
}
