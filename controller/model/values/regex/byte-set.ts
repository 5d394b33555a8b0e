/**
 * Sets of bytes. The sets of a parsed pattern contain each letter in both cases, because matching is, or may be,
 * case-insensitive.
 */

/** 256 bits, one for each byte. */
export type ByteSet = Uint32Array;

export function emptySet(): ByteSet {
  return new Uint32Array(8);
}

function put(set: ByteSet, word: number, bits: number): void {
  set[word] = (set[word] ?? 0) | bits;
}

export function add(set: ByteSet, from: number, to = from): void {
  for (let byte = from; byte <= to; byte += 1) put(set, byte >>> 5, 1 << (byte & 31));
}

export function has(set: ByteSet, byte: number): boolean {
  return ((set[byte >>> 5] ?? 0) & (1 << (byte & 31))) !== 0;
}

export function forEachByte(set: ByteSet, call: (byte: number) => void): void {
  for (let word = 0; word < 8; word += 1) {
    for (let bits = set[word] ?? 0; bits !== 0; bits &= bits - 1) call(word * 32 + 31 - Math.clz32(bits & -bits));
  }
}

export function union(into: ByteSet, other: ByteSet): void {
  for (let at = 0; at < 8; at += 1) put(into, at, other[at] ?? 0);
}

export function inverted(set: ByteSet): ByteSet {
  return set.map((bits) => ~bits);
}

export function meet(a: ByteSet, b: ByteSet): boolean {
  for (let at = 0; at < 8; at += 1) if (((a[at] ?? 0) & (b[at] ?? 0)) !== 0) return true;
  return false;
}

export function intersection(a: ByteSet, b: ByteSet): ByteSet {
  return a.map((bits, at) => bits & (b[at] ?? 0));
}

/** Adds to a set the other case of each letter. */
export function folded(set: ByteSet): ByteSet {
  const result = set.slice();
  // A to Z are bits 1 to 26 of the third word, a to z those of the fourth.
  const letters = ((set[2] ?? 0) | (set[3] ?? 0)) & 0x07fffffe;
  put(result, 2, letters);
  put(result, 3, letters);
  return result;
}

export const ALL: ByteSet = inverted(emptySet());
