/**
 * Replaces the parts of an object that exceed a bound: they would be rejected, so only what a Problem says about them
 * is kept. Half of a surrogate pair marks the replacement. UTF-8 text cannot contain one, so no object in a cluster
 * can.
 */
const MARK = '\ud800';

/** Characters of a text that are kept: more than Problems show. */
const SHOWN = 100;

/** The beginning of a text that is too long, and its length in bytes; applied only once. */
export function abridged(text: string, bytes = bytesOf(text)): string {
  if (text.endsWith(MARK)) return text;
  // A substring keeps the whole string in memory; a copy through bytes does not.
  return `${Buffer.from(text.slice(0, SHOWN)).toString()}${MARK}${bytes}${MARK}`;
}

/** Bytes of a text before it was shortened. */
export function bytesOf(text: string): number {
  if (!text.endsWith(MARK)) return Buffer.byteLength(text);
  return Number(text.slice(text.lastIndexOf(MARK, text.length - 2) + 1, -1));
}

/** Bytes that a text in base64 encodes, before it was shortened; two more at most, for its padding is unknown then. */
export function decodedBytesOf(text: string): number {
  return text.endsWith(MARK) ? Math.floor((bytesOf(text) * 3) / 4) : Buffer.byteLength(text, 'base64');
}

/** A text in place of this many items of a list. */
export function standIn(count: number): string {
  return `${MARK}${count}${MARK}`;
}

/** How many items a text stands for; undefined for a real item. */
export function countOf(text: string): number | undefined {
  return text.startsWith(MARK) ? bytesOf(text) : undefined;
}

/** A text without the mark of the omission. */
export function shown(text: string): string {
  return text.endsWith(MARK) ? text.slice(0, text.lastIndexOf(MARK, text.length - 2)) : text;
}
