/**
 * Keys to be removed: after a grace period, so that requests under way still find what they chose, and not while
 * workers live that started before the key became unwanted, because their nginx.conf may name it.
 */

/** The generations with living workers. */
export interface Generations {
  readonly oldest: number;
  readonly newest: number;
}

export interface Removals {
  /** Keeps the earlier time if the key is already waiting. */
  add(key: string, now: number): void;
  /** The key is wanted again. */
  cancel(key: string): void;
  /** Takes the keys that are due, at most `count`; keys that refer to others come first. */
  take(now: number, count: number): string[];
  /** When keys may be due, on the clock of `performance.now()`. */
  next(now: number): number | undefined;
  /** Whether a key waits only for older workers, so that it matters whether they still live. */
  waitsForWorkers(now: number): boolean;
  seen(generations: Generations): void;
  clear(): void;
}

export interface RemovalTimes {
  readonly graceMs: number;
  /** How long to wait for older workers, milliseconds. */
  readonly longestMs: () => number;
}

interface Removal {
  readonly due: number;
  /** From then on, older workers are ignored. */
  readonly latest: number;
  /** The newest generation when the key became unwanted. */
  generation: number;
}

/** Between two checks whether older workers still live. */
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
      // The order r, n, g, c, b would also work, as long as routes and names precede what they refer to.
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
      // With a dictionary of another size the numbers start at 1 again.
      const anew = alive !== undefined && generations.newest < alive.newest;
      if (anew) for (const removal of removals.values()) removal.generation = generations.newest;
      alive = generations;
    },
    clear: () => removals.clear(),
  };
}
