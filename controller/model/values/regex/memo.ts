/** Remembers what was calculated, in bounded memory. */

/** Characters of the keys of one generation. */
const MOST = 2_000_000;

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
    if (size + key.length > most) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(key, result);
    size += key.length;
    return result;
  };
}
