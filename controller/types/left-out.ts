/**
 * Replaces parts of an object that exceed a bound. They would be rejected, so only what a Problem reports about them is
 * stored. A lone surrogate marks a replacement: UTF-8 text cannot contain one, so no object of a cluster can. Where
 * others may send an escape of one, it is replaced first (`cluster/api/surrogate-filter.ts`).
 */
const MARK = '\ud800';

/** How many characters of a string are stored; Problems show fewer. */
const SHOWN = 100;

/**
 * The beginning of a string that is too long, and its length in bytes. A string that is already abridged is returned
 * unchanged.
 */
export function abridged(text: string, bytes = bytesOf(text)): string {
  if (text.endsWith(MARK)) return text;
  // A substring keeps the whole string in memory; a copy through bytes does not.
  return `${Buffer.from(text.slice(0, SHOWN)).toString()}${MARK}${bytes}${MARK}`;
}

/** The length of a string in bytes; of an abridged string, the original length. */
export function bytesOf(text: string): number {
  if (!text.endsWith(MARK)) return Buffer.byteLength(text);
  return Number(text.slice(text.lastIndexOf(MARK, text.length - 2) + 1, -1));
}

/**
 * The number of bytes that a Base64 string encodes; of an abridged string, up to two bytes too many, because its
 * padding is unknown.
 */
export function decodedBytesOf(text: string): number {
  return text.endsWith(MARK) ? Math.floor((bytesOf(text) * 3) / 4) : Buffer.byteLength(text, 'base64');
}

/** A string that replaces this many items of a list. */
export function standIn(count: number): string {
  return `${MARK}${count}${MARK}`;
}

/** How many items of a list the string replaces; undefined if it is an item itself. */
export function countOf(text: string): number | undefined {
  return text.startsWith(MARK) ? bytesOf(text) : undefined;
}

/** The string, or the beginning of an abridged string. */
export function shown(text: string): string {
  return text.endsWith(MARK) ? text.slice(0, text.lastIndexOf(MARK, text.length - 2)) : text;
}
