/**
 * What stands in an object where text, or items of a list, go beyond a bound: they would be refused, so only what a Problem
 * says of them is kept. Half of a surrogate pair marks it. Text in UTF-8 cannot hold one, so no object in a cluster can.
 */
const MARK = '\ud800';

/** Characters of a text that are kept: more than Problems show. */
const SHOWN = 100;

/** The beginning of a text that is too long, and how many bytes it has; once only. */
export function abridged(text: string, bytes = bytesOf(text)): string {
  if (text.endsWith(MARK)) return text;
  // A part of a long string keeps all of it in memory; what went through bytes does not.
  return `${Buffer.from(text.slice(0, SHOWN)).toString()}${MARK}${bytes}${MARK}`;
}

/** Bytes of a text, as it was before it was abridged. */
export function bytesOf(text: string): number {
  if (!text.endsWith(MARK)) return Buffer.byteLength(text);
  return Number(text.slice(text.lastIndexOf(MARK, text.length - 2) + 1, -1));
}

/** A text in the place of so many items of a list. */
export function standIn(count: number): string {
  return `${MARK}${count}${MARK}`;
}

/** How many items a text stands for; undefined where it is itself one. */
export function countOf(text: string): number | undefined {
  return text.startsWith(MARK) ? bytesOf(text) : undefined;
}

/** A text without the mark of what was left out of it. */
export function shown(text: string): string {
  return text.endsWith(MARK) ? text.slice(0, text.lastIndexOf(MARK, text.length - 2)) : text;
}
