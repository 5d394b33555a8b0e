/**
 * Handles Ingresses that this controller served and that now have another class. The controller of that class usually
 * replaces our addresses with its own. If that does not happen within a grace period, our addresses are removed (and no
 * others), so that neither DNS nor `kubectl get ingress` points to a controller that answers 404. An Ingress with an
 * unknown class (for example because its IngressClass was deleted) keeps its addresses: this may be a mistake that is
 * soon corrected.
 */
import type { ApiClient } from '../types/api.ts';
import type { StatusAddress } from './addresses.ts';
import type { Log } from './logger.ts';
import { takeOut } from './take-out.ts';

/** Why an Ingress is no longer ours: it has another class that exists, it was deleted, or its class is unknown. */
export type ClassChange = 'another-class' | 'gone' | 'unknown';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

export interface HandedOverOptions {
  readonly api: ApiClient;
  readonly log: Log;
  /** Called with the `namespace/name` of an Ingress that was ours and no longer is. */
  readonly classChangeOf: (key: string) => ClassChange;
  /**
   * How long another controller has to replace our addresses, in milliseconds. Also the shortest pause after a failure.
   */
  readonly graceMs: number;
}

export interface HandedOverIngresses {
  /**
   * Compares our Ingresses (by `namespace/name`) with those of the last call, and removes the addresses `own` from the
   * status of each Ingress that was handed over at least `graceMs` ago. Resolves to the milliseconds until the next
   * useful call; Infinity if no removal is pending. Never rejects.
   */
  readonly follow: (
    ours: ReadonlyMap<string, Named>,
    own: readonly StatusAddress[],
    signal: AbortSignal,
  ) => Promise<number>;
}

export function createHandedOverIngresses({
  api,
  log,
  classChangeOf,
  graceMs,
}: HandedOverOptions): HandedOverIngresses {
  let known = new Map<string, Named>();
  /** When our addresses may be removed from an Ingress, as a time of `performance.now()`. */
  const due = new Map<string, number>();

  function forget(key: string): void {
    known.delete(key);
    due.delete(key);
  }

  /**
   * Removes our addresses from one Ingress. Resolves to false if the API server does not respond, which makes more
   * requests pointless.
   */
  async function giveUp(key: string, own: readonly StatusAddress[], signal: AbortSignal): Promise<boolean> {
    const ingress = known.get(key);
    if (ingress === undefined) return true;
    const taken = await takeOut(api, ingress, own, signal);
    if (signal.aborted) return false;
    if (!taken.ok && (taken.retryable || taken.status === 409)) {
      due.set(key, performance.now() + Math.max(graceMs, taken.retryAfterMs));
      return !taken.retryable;
    }
    if (!taken.ok && taken.status !== 404)
      log.warn(`our addresses remain in the status of Ingress ${key}, which now has another class: ${taken.message}`);
    if (taken.ok && taken.value)
      log.info(`status: our addresses removed from Ingress ${key}, which now has another class`);
    forget(key);
    return true;
  }

  return {
    follow: async (ours, own, signal) => {
      const now = performance.now();
      const before = known;
      known = new Map(ours);
      for (const key of due.keys()) if (known.has(key)) due.delete(key);
      for (const [key, ingress] of before) {
        if (known.has(key)) continue;
        const where = classChangeOf(key);
        if (where !== 'gone') known.set(key, ingress);
        if (where !== 'another-class') due.delete(key);
        else if (!due.has(key)) due.set(key, now + graceMs);
      }
      for (const [key, at] of due) {
        if (at <= now && !(await giveUp(key, own, signal))) break;
      }
      return Math.max(0, Math.min(...due.values()) - performance.now());
    },
  };
}
