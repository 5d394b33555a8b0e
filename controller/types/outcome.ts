/** Outcome: the result of an operation on NGINX. Failures are returned as values, like successes. */
import type { ObjectRef } from './problem.ts';

/** The result of `nginx -t` on a candidate for nginx.conf. */
export type CheckResult =
  | {
      readonly ok: true;
      readonly ms: number;
      /** True if only the server blocks were tested that NGINX does not run with yet. */
      readonly partial?: true;
    }
  | {
      readonly ok: false;
      readonly ms: number;
      /** nginx's own message, without its timestamp and without our paths. */
      readonly message: string;
      /** The line of the candidate that nginx's message names; undefined if it names none. */
      readonly line: number | undefined;
      /**
       * True if the test gave no result, because it could not be run (for instance because a disk is full) or was
       * killed.
       */
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
      /** For live data: set if NGINX refused some keys and accepted all others. */
      readonly others?: 'taken';
    };
