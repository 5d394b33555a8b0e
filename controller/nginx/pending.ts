/** Keys waiting to be sent, and who waits for them. A newer value takes an older one's place and its waiters. */
import { LIVE_PREFIXES } from '../types/live.ts';
import { prefixRank, setLine } from './batch.ts';

/** One call of `push` or `resync` that has not been answered yet. */
export interface Waiter {
  /** Keys of this call that NGINX has not acknowledged; one more while the call is being taken. */
  open: number;
  /** The first failure among them. */
  failure: string | undefined;
  /** The first refusal of a single key. */
  refusal: string | undefined;
  /** Keys that were sent; the others turned out to be in NGINX already. */
  sent: number;
  readonly settle: () => void;
}

export interface PendingSet {
  readonly key: string;
  readonly value: string;
  /** Grows while the set waits or flies. */
  readonly waiters: Waiter[];
}

export interface Pending {
  readonly size: number;
  get(key: string): PendingSet | undefined;
  add(key: string, value: string, waiters: Waiter[]): void;
  delete(key: string): void;
  /** Takes sets in the order of pushing (what is referred to first): at most `bytes` of lines and `count` keys. */
  take(bytes: number, count: number): PendingSet[];
  /** Gives sets that could not be sent back; where a newer value waits already, it also answers their waiters. */
  putBack(sets: readonly PendingSet[]): void;
  /** Takes everything. */
  clear(): PendingSet[];
  values(): Iterable<PendingSet>;
}

export function createPending(): Pending {
  const lanes = LIVE_PREFIXES.map(() => new Map<string, PendingSet>());

  function laneOf(key: string): Map<string, PendingSet> {
    const lane = lanes[prefixRank(key) ?? lanes.length];
    if (lane === undefined) throw new Error(`live key ${key} has no known prefix`);
    return lane;
  }

  function* values(): Generator<PendingSet> {
    for (const lane of lanes) yield* lane.values();
  }

  return {
    get size() {
      return lanes.reduce((total, lane) => total + lane.size, 0);
    },
    get: (key) => laneOf(key).get(key),
    add(key, value, waiters) {
      const older = laneOf(key).get(key)?.waiters ?? [];
      laneOf(key).set(key, { key, value, waiters: older.length === 0 ? waiters : [...older, ...waiters] });
    },
    delete(key) {
      laneOf(key).delete(key);
    },
    take(bytes, count) {
      const taken: PendingSet[] = [];
      let used = 0;
      for (const set of values()) {
        used += Buffer.byteLength(setLine(set.key, set.value));
        if (taken.length > 0 && (used > bytes || taken.length >= count)) break;
        taken.push(set);
      }
      for (const set of taken) laneOf(set.key).delete(set.key);
      return taken;
    },
    putBack(sets) {
      for (const set of sets) {
        const newer = laneOf(set.key).get(set.key);
        laneOf(set.key).set(
          set.key,
          newer === undefined ? set : { ...newer, waiters: [...set.waiters, ...newer.waiters] },
        );
      }
    },
    clear() {
      const all = [...values()];
      for (const lane of lanes) lane.clear();
      return all;
    },
    values,
  };
}

export function newWaiter(settle: () => void): Waiter {
  return { open: 1, failure: undefined, refusal: undefined, sent: 0, settle };
}

/** What became of sets: they are in NGINX because they were `sent` or were `found` there, or they will not get there. */
export type Answer = 'sent' | 'found' | { readonly failure: string } | { readonly refusal: string };

export function answer(sets: readonly PendingSet[], how: Answer): void {
  for (const set of sets) {
    for (const waiter of set.waiters) {
      if (how === 'sent') waiter.sent += 1;
      else if (how !== 'found' && 'failure' in how) waiter.failure ??= how.failure;
      else if (how !== 'found') waiter.refusal ??= how.refusal;
      close(waiter);
    }
  }
}

/** One thing less to wait for. */
export function close(waiter: Waiter): void {
  waiter.open -= 1;
  if (waiter.open === 0) waiter.settle();
}
