/**
 * Tables of which one version follows the other: all versions share one Map, and an older one knows what it held that
 * the Map no longer does. So an edit costs itself and not the table, reading the newest version costs what reading a Map
 * costs, and every version iterates in the order of its keys (UTF-16 code units).
 */

/** Immutable to whoever holds it. */
class SortedTable<T> implements ReadonlyMap<string, T> {
  readonly #map: ReadonlyMap<string, T>;
  readonly #keys: readonly string[];
  /** What this version holds where the next one, or the Map behind the newest one, holds something else. */
  readonly #differing: Map<string, T | undefined>;
  #next: SortedTable<T> | undefined;

  constructor(map: ReadonlyMap<string, T>, keys: readonly string[], differing: Map<string, T | undefined>) {
    this.#map = map;
    this.#keys = keys;
    this.#differing = differing;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** To be called once, when the version after this one is there. */
  precede(next: SortedTable<T>): void {
    this.#next = next;
  }

  get(key: string): T | undefined {
    const newest = this.#newest();
    if (this.#differing.has(key)) return this.#differing.get(key);
    return newest.#differing.has(key) ? newest.#differing.get(key) : this.#map.get(key);
  }

  /** Takes over what later versions know, so that the way to the newest one is a single step again. */
  #newest(): SortedTable<T> {
    if (this.#next === undefined) return this;
    while (this.#next.#next !== undefined) {
      for (const [key, value] of this.#next.#differing) if (!this.#differing.has(key)) this.#differing.set(key, value);
      this.#next = this.#next.#next;
    }
    return this.#next;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  forEach(callback: (value: T, key: string, map: ReadonlyMap<string, T>) => void, self?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(self, value, key, this);
  }

  *entries(): MapIterator<[string, T]> {
    for (const key of this.#keys) yield [key, this.get(key) as T];
  }

  keys(): MapIterator<string> {
    return this.#keys.values();
  }

  *values(): MapIterator<T> {
    for (const key of this.#keys) yield this.get(key) as T;
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }
}

/** The one place where a table is edited. Values are never undefined; that stands for "nothing there". */
export interface TableDraft<T> {
  readonly size: number;
  get(key: string): T | undefined;
  /** In no order. */
  keys(): Iterable<string>;
  set(key: string, value: T | undefined): void;
  /** The table as it is now; the same one as before where nothing was set since. */
  freeze(): ReadonlyMap<string, T>;
}

/** An old version keeps alive what came after it, but at most so many edits, or as many as the table has entries. */
const LEAST_LINEAGE = 64;
/** From so many on, all keys are gone through once; below, each is moved by itself. */
const MANY = 16;

export function createTable<T>(): TableDraft<T> {
  let map = new Map<string, T>();
  let keys: string[] = [];
  /** `keys` belongs to no version yet. */
  let owned = true;
  /** Keys that came or went and may stand wrongly in `keys`. */
  const moved = new Set<string>();
  let differing = new Map<string, T | undefined>();
  let newest: SortedTable<T> | undefined;
  /** Edits since `map` was made. */
  let edits = 0;

  function own(): void {
    if (!owned) keys = keys.slice();
    owned = true;
  }

  /** Objects arrive in the order of their keys where a list is read. */
  function place(key: string): void {
    const last = keys.at(-1);
    if (last !== undefined && key <= last) moved.add(key);
    else {
      own();
      keys.push(key);
    }
  }

  function arrange(): void {
    if (moved.size === 0) return;
    if (moved.size < MANY) {
      for (const key of moved) {
        const at = lowerBound(keys, key);
        // Went and came back, as the slices of a Service do when one of them is replaced.
        if (map.has(key) === (keys[at] === key)) continue;
        own();
        if (keys[at] === key) keys.splice(at, 1);
        else keys.splice(at, 0, key);
      }
    } else {
      // Two rises, which the sort merges in one go.
      const added = [...moved].filter((key) => map.has(key) && keys[lowerBound(keys, key)] !== key);
      keys = [...keys.filter((key) => map.has(key)), ...added.sort(inOrder)].sort(inOrder);
      owned = true;
    }
    moved.clear();
  }

  return {
    get size() {
      return map.size;
    },
    get: (key) => map.get(key),
    keys: () => map.keys(),
    set(key, value) {
      const before = map.get(key);
      if (value === before) return;
      if (newest !== undefined && !differing.has(key)) differing.set(key, before);
      if (value === undefined) {
        map.delete(key);
        moved.add(key);
      } else {
        map.set(key, value);
        if (before === undefined) place(key);
      }
      edits += 1;
    },
    freeze() {
      if (newest !== undefined && differing.size === 0) return newest;
      arrange();
      owned = false;
      const renewed = newest !== undefined && edits > Math.max(LEAST_LINEAGE, map.size);
      if (renewed) map = new Map(map);
      if (renewed || newest === undefined) edits = 0;
      const before = newest;
      differing = new Map();
      newest = new SortedTable(map, keys, differing);
      // The Map that older versions read stays as it is now.
      if (!renewed) before?.precede(newest);
      return newest;
    },
  };
}

/** Where `key` is in `keys`, or would have to be. */
function lowerBound(keys: readonly string[], key: string): number {
  let [from, to] = [0, keys.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
