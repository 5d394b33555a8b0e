/** Remembers what was calculated, in bounded memory. */

/** Of one generation: characters of the keys, and so many more for each entry, as it takes as much memory besides. */
const MOST = 1_000_000;
const ENTRY = 200;

/**
 * What was asked for lately is kept when older things go: there are two generations, and what is found in the older one
 * moves to the younger one.
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
