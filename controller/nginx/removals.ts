/**
 * Keys to be removed: after a grace period, so that requests under way still find what they chose, and not as long as
 * workers live that are older than the wish, because their nginx.conf may name the key.
 */

/** The generations that workers live of. */
export interface Generations {
  readonly oldest: number;
  readonly newest: number;
}

export interface Removals {
  /** Keeps an earlier time where the key waits already. */
  add(key: string, now: number): void;
  /** The key is wanted again. */
  cancel(key: string): void;
  /** Takes the keys whose time has come, at most `count`; what refers to others first. */
  take(now: number, count: number): string[];
  /** When there may be keys to take, on the clock of `performance.now()`. */
  next(now: number): number | undefined;
  /** Does a key wait for older workers alone, so that it matters whether they still live? */
  waitsForWorkers(now: number): boolean;
  seen(generations: Generations): void;
  clear(): void;
}

export interface RemovalTimes {
  readonly graceMs: number;
  /** So long older workers are waited for, milliseconds. */
  readonly longestMs: () => number;
}

interface Removal {
  readonly due: number;
  /** Older workers do not count from then on. */
  readonly latest: number;
  /** The newest one when the key was given up. */
  generation: number;
}

/** Between two looks whether older workers still live. */
const LOOK_EVERY_MS = 1000;

export function createRemovals({ graceMs, longestMs }: RemovalTimes): Removals {
  const removals = new Map<string, Removal>();
  let alive: Generations | undefined;

  function isHeld({ generation, latest }: Removal, now: number): boolean {
    return alive !== undefined && alive.oldest < generation && now < latest;
  }

  return {
    add(key, now) {
      if (removals.has(key)) return;
      const due = now + graceMs;
      removals.set(key, { due, latest: Math.max(due, now + longestMs()), generation: alive?.newest ?? 0 });
    },
    cancel(key) {
      removals.delete(key);
    },
    take(now, count) {
      const keys: string[] = [];
      for (const [key, removal] of removals) {
        if (removal.due <= now && !isHeld(removal, now)) keys.push(key);
      }
      // r, n, g, c, b would do as well, as long as routes and names go before what they name.
      keys.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
      keys.length = Math.min(keys.length, count);
      for (const key of keys) removals.delete(key);
      return keys;
    },
    next(now) {
      let first: number | undefined;
      for (const removal of removals.values()) {
        const time = isHeld(removal, now) ? Math.max(removal.due, now + LOOK_EVERY_MS) : removal.due;
        first = first === undefined || time < first ? time : first;
      }
      return first;
    },
    waitsForWorkers(now) {
      for (const removal of removals.values()) if (removal.due <= now && isHeld(removal, now)) return true;
      return false;
    },
    seen(generations) {
      // A dictionary of another size counts from 1 again.
      const anew = alive !== undefined && generations.newest < alive.newest;
      if (anew) for (const removal of removals.values()) removal.generation = generations.newest;
      alive = generations;
    },
    clear: () => removals.clear(),
  };
}
