/** Remembers results of computations in a limited amount of memory. */

/**
 * Maximum size of a generation: the number of characters of its keys, plus `ENTRY` for each entry, because an entry
 * takes about as much additional memory.
 */
const MOST = 1_000_000;
const ENTRY = 200;

/**
 * There are two generations of results. A result that is found in the older generation is moved to the younger one.
 * When the younger generation is full, the older one is dropped, so that recently used results are kept.
 */
export function createMemo<T>(most = MOST): (key: string, calculate: () => T) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  let size = 0;
  return (key, calculate) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const result = old.get(key) ?? calculate();
    if (size + key.length + ENTRY > most) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(key, result);
    size += key.length + ENTRY;
    return result;
  };
}
