/**
 * Detects Ingresses whose status another controller keeps overwriting. This happens if two controllers serve the same
 * Ingress, for example because both serve Ingresses without a class; DNS then follows the last writer. Each such
 * Ingress is reported once, and its status is written less and less often.
 */
import type { Problem } from '../types/problem.ts';
import { addressesForHumans, addressesText, type PresentAddress } from './addresses.ts';

export interface Contest {
  /** Records that we wrote the status of the Ingress `namespace/name`. */
  readonly wrote: (key: string) => void;
  /** Whether this controller may write the status again now. A contested status may be written less often. */
  readonly isDue: (key: string) => boolean;
  /** Milliseconds until the next permitted write; Infinity if none is pending. */
  readonly nextMs: () => number;
  /**
   * For each Ingress whose status we have written, compares the addresses that the watch shows in the status with
   * `ours`, the addresses that we publish. `present` returns the addresses in the status of an Ingress, or undefined if
   * the Ingress is no longer ours, so that it is forgotten.
   */
  readonly look: (
    present: (key: string) => readonly PresentAddress[] | undefined,
    ours: readonly PresentAddress[],
  ) => void;
  readonly forgetAll: () => void;
  /** One Problem for each of the first Ingresses, and one for all others. */
  readonly problems: () => readonly Problem[];
}

interface Turns {
  /**
   * `written`: as far as we know, our last write has not been replaced. `standing`: the watch has shown our last write.
   */
  written: boolean;
  standing: boolean;
  /** How often our addresses were replaced. */
  replaced: number;
  theirs: readonly PresentAddress[];
  /** `at`: `performance.now()` of our last write. `until`: the earliest time of the next write. */
  at: number;
  until: number;
}

/**
 * After this many replacements, a status counts as contested. A single replacement may come from a controller that
 * handed the Ingress over to us.
 */
const TWICE = 2;
/**
 * When our addresses have stayed for this long, replacements are forgotten. A competing controller would overwrite them
 * about every minute.
 */
const CALM_MS = 600_000;
const MOST_DOUBLINGS = 5;
const MOST_NAMED = 20;

/** `ours` are the addresses that are written; `settleMs` is the usual time between two writes to one Ingress. */
export function createContest(ours: () => readonly PresentAddress[], settleMs: number, calmMs = CALM_MS): Contest {
  const turns = new Map<string, Turns>();

  function problem(key: string, { theirs }: Turns): Problem {
    const [namespace = '', name = ''] = key.split('/');
    return {
      code: 'status-contested',
      severity: 'warning',
      effect: 'none',
      object: { kind: 'Ingress', namespace, name },
      field: ['status', 'loadBalancer', 'ingress'],
      value: addressesForHumans(theirs),
      message: `another controller serves this Ingress too: it keeps replacing ${addressesForHumans(ours())} with ${addressesForHumans(theirs)}`,
      example: 'spec.ingressClassName: nginx, if only one of the controllers serves this class',
    };
  }

  function seen(key: string, known: Turns, present: readonly PresentAddress[], wanted: string): void {
    if (addressesText(present) === wanted) {
      known.standing = true;
      if (performance.now() - known.at > calmMs) turns.delete(key);
      return;
    }
    // Soon after our write, the watch may still show the previous status.
    const current = known.standing || performance.now() - known.at >= settleMs;
    if (known.written && current && present.length > 0)
      turns.set(key, { ...known, written: false, standing: false, replaced: known.replaced + 1, theirs: present });
  }

  return {
    wrote: (key) => {
      const { replaced, theirs } = turns.get(key) ?? { replaced: 0, theirs: [] };
      const at = performance.now();
      const until = replaced < TWICE ? at : at + settleMs * 2 ** Math.min(replaced - TWICE + 1, MOST_DOUBLINGS);
      turns.set(key, { written: true, standing: false, replaced, theirs, at, until });
    },
    isDue: (key) => performance.now() >= (turns.get(key)?.until ?? 0),
    nextMs: () => {
      const now = performance.now();
      return Math.min(...[...turns.values()].map(({ until }) => (until > now ? until - now : Infinity)));
    },
    look: (presentIn, wanted) => {
      const text = addressesText(wanted);
      for (const [key, known] of turns) {
        const present = presentIn(key);
        if (present === undefined) turns.delete(key);
        else seen(key, known, present, text);
      }
    },
    forgetAll: () => turns.clear(),
    problems: () => {
      const contested = [...turns].filter(([, { replaced }]) => replaced >= TWICE);
      const named = contested.slice(0, MOST_NAMED).map(([key, known]) => problem(key, known));
      if (contested.length <= MOST_NAMED) return named;
      return [
        ...named,
        {
          code: 'status-contested',
          severity: 'warning',
          effect: 'none',
          message: 'another controller also replaces the addresses of other Ingresses',
        },
      ];
    },
  };
}
