/**
 * Decides when keys that are no longer in the target are removed from NGINX. A key is removed after a grace period,
 * because requests in progress may still use it. The key also stays while any worker that started before the key left
 * the target is running, because the nginx.conf of that worker may refer to it.
 */

/** The oldest and the newest generation that have running workers. */
export interface Generations {
  readonly oldest: number;
  readonly newest: number;
}

export interface Removals {
  /** Schedules a removal. If the key is already scheduled, its earlier time remains. */
  add(key: string, now: number): void;
  /** Cancels the removal of a key that is in the target again. */
  cancel(key: string): void;
  /**
   * Takes the keys that are due out of the schedule, at most `count`, and returns them. Keys that refer to other keys
   * come first.
   */
  take(now: number, count: number): string[];
  /** The earliest time at which a key may be due, as a value of `performance.now()`. */
  next(now: number): number | undefined;
  /**
   * Whether a removal is due and waits only for older workers, so that the caller has to find out whether these still
   * run.
   */
  waitsForWorkers(now: number): boolean;
  seen(generations: Generations): void;
  clear(): void;
}

export interface RemovalTimes {
  readonly graceMs: number;
  /** Maximum time to wait for older workers, in milliseconds. */
  readonly longestMs: () => number;
}

interface Removal {
  readonly due: number;
  /** From this time on, older workers no longer delay the removal. */
  readonly latest: number;
  /** The newest generation at the time when the key left the target. */
  generation: number;
}

/** Milliseconds between checks of whether older workers still run. */
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
      // Reverse alphabetical order (r, n, g, c, b) removes routes and names before the keys to which they refer.
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
      // When NGINX was restarted or the size of its dictionary changed, the numbers start at 1 again.
      const anew = alive !== undefined && generations.newest < alive.newest;
      if (anew) for (const removal of removals.values()) removal.generation = generations.newest;
      alive = generations;
    },
    clear: () => removals.clear(),
  };
}
