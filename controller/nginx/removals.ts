/** Keys to be removed once their grace period is over: requests under way still find what they chose. */
export interface Removals {
  has(key: string): boolean;
  keys(): readonly string[];
  /** Keeps an earlier time where the key waits already. */
  add(key: string, due: number): void;
  /** The key is wanted again. */
  cancel(key: string): void;
  /** Takes the keys whose time has come and that `hold` does not hold back, at most `count`; what refers to others first. */
  take(now: number, count: number, hold: (key: string) => boolean): string[];
  /** When the next key is due, on the clock of `performance.now()`. */
  next(): number | undefined;
  clear(): void;
}

export function createRemovals(): Removals {
  const due = new Map<string, number>();
  return {
    has: (key) => due.has(key),
    keys: () => [...due.keys()],
    add(key, time) {
      if (!due.has(key)) due.set(key, time);
    },
    cancel(key) {
      due.delete(key);
    },
    take(now, count, hold) {
      const keys: string[] = [];
      for (const [key, time] of due) {
        if (time <= now && !hold(key)) keys.push(key);
      }
      // r, n, g, c, b would do as well, as long as routes and names go before what they name.
      keys.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
      keys.length = Math.min(keys.length, count);
      for (const key of keys) due.delete(key);
      return keys;
    },
    next() {
      let first: number | undefined;
      for (const time of due.values()) first = first === undefined || time < first ? time : first;
      return first;
    },
    clear: () => due.clear(),
  };
}
