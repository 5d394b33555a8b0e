/**
 * Ingresses that were ours and are another class's now. Who serves them next publishes its own addresses, and that
 * replaces ours; only where nobody did so for a while are ours taken out, and nothing but ours, so that neither DNS nor
 * `kubectl get ingress` goes on pointing to a controller that answers 404. An Ingress whose class cannot be told (its
 * IngressClass was deleted) keeps what is published: that may be a mistake about to be mended.
 */
import type { ApiClient } from '../types/api.ts';
import type { StatusAddress } from './addresses.ts';
import type { Log } from './logger.ts';
import { takeOut } from './take-out.ts';

/** Where an Ingress stands that is not among ours: with another class that exists, nowhere, or it cannot be told. */
export type Whereabouts = 'another-class' | 'gone' | 'unknown';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

export interface LeaversOptions {
  readonly api: ApiClient;
  readonly log: Log;
  /** Asked about `namespace/name`s that were among ours and are not any more. */
  readonly whereabouts: (key: string) => Whereabouts;
  /** How long another controller has to replace our addresses, in milliseconds; also the pause after a failure. */
  readonly graceMs: number;
}

export interface Leavers {
  /**
   * Compares ours with those of the last call, and takes `own` out of the status of whoever left at least `graceMs` ago.
   * Resolves to the milliseconds until the next call is worth while; Infinity where nobody is leaving. Never rejects.
   */
  readonly follow: (ours: Iterable<Named>, own: readonly StatusAddress[], signal: AbortSignal) => Promise<number>;
}

export function createLeavers({ api, log, whereabouts, graceMs }: LeaversOptions): Leavers {
  let known = new Map<string, Named>();
  /** When it may be written, by `performance.now()`. */
  const due = new Map<string, number>();

  function forget(key: string): void {
    known.delete(key);
    due.delete(key);
  }

  /** Resolves to false where the API server does not answer, and asking it for the next one is of no use. */
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
      log.warn(`our addresses stay in the status of Ingress ${key}, which has another class now: ${taken.message}`);
    if (taken.ok && taken.value)
      log.info(`status: our addresses taken out of Ingress ${key}, which has another class now`);
    forget(key);
    return true;
  }

  return {
    follow: async (ours, own, signal) => {
      const now = performance.now();
      const before = known;
      known = new Map([...ours].map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }]));
      for (const key of due.keys()) if (known.has(key)) due.delete(key);
      for (const [key, ingress] of before) {
        if (known.has(key)) continue;
        const where = whereabouts(key);
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
