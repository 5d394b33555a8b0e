/** Remembers results in bounded memory. */

/**
 * Size of one generation: characters of the keys, plus this many for each entry, which takes about as much memory in
 * addition.
 */
const MOST = 1_000_000;
const ENTRY = 200;

/**
 * Recently used results are kept when older ones are dropped: there are two generations, and a hit in the older one
 * moves the result to the younger one.
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
