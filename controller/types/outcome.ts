/** Outcome: the result of applying something to NGINX. Failures are values of the same shape as successes. */
import type { ObjectRef } from './problem.ts';

/** `nginx -t` on a candidate. */
export type CheckResult =
  | { readonly ok: true; readonly ms: number }
  | {
      readonly ok: false;
      readonly ms: number;
      /** nginx's own message, without timestamp and our paths. */
      readonly message: string;
      /** Line of the candidate that nginx named, if it named one. */
      readonly line: number | undefined;
      /** No result for the candidate: the test could not be run (a full disk), or it was killed. */
      readonly untested?: true;
    };

export type Outcome =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'live';
      readonly set: number;
      readonly removed: number;
      readonly revision: number;
      readonly ms: number;
    }
  | { readonly kind: 'started'; readonly master: number; readonly ms: number }
  | { readonly kind: 'adopted'; readonly master: number; readonly ms: number }
  | { readonly kind: 'reload'; readonly generation: number; readonly testMs: number; readonly reloadMs: number }
  | {
      readonly kind: 'refused';
      readonly check: Extract<CheckResult, { ok: false }>;
      readonly owners: readonly ObjectRef[];
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly errorLog: readonly string[];
      readonly ms: number;
      /** For live data: NGINX refused single keys, and accepted the rest. */
      readonly others?: 'taken';
    };
