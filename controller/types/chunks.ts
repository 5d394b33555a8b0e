/**
 * Long lists of which little changes, and what follows from each part of them. A list is cut where its items say so, and
 * not by their number, so that an item more or less changes one chunk and moves the others.
 */
import type { Steps } from './steps.ts';
import { ends } from './table/table.ts';

export interface Chunk<T, V> {
  readonly items: readonly T[];
  /** What follows from the items. */
  readonly value: V;
}

export type Chunks<T, V> = readonly Chunk<T, V>[];

/** Items of a chunk where none of them ends it. */
const MOST = 256;

export interface Cut<T, V> {
  /** Whether a chunk ends with this item: true for about one in fifty. */
  readonly endsWith: (item: T) => boolean;
  /** Made for each chunk that was not there before. */
  readonly valueOf: (items: readonly T[]) => Steps<V>;
}

/** One key in about fifty. */
export function endsChunk(key: string): boolean {
  return ends(key, 0);
}

/** Chunks of a list; those that `before` has too are the very same objects. Items are compared by identity. */
export function* cutList<T, V>(items: readonly T[], before: Chunks<T, V>, cut: Cut<T, V>): Steps<Chunks<T, V>> {
  const known = new Map(before.map((chunk) => [chunk.items[0], chunk]));
  const chunks: Chunk<T, V>[] = [];
  for (let at = 0; at < items.length;) {
    const same = known.get(items[at]);
    if (same !== undefined && isNext(same.items, items, at, cut)) {
      chunks.push(same);
      at += same.items.length;
      continue;
    }
    const part = items.slice(at, endOf(items, at, cut));
    chunks.push({ items: part, value: yield* cut.valueOf(part) });
    at += part.length;
    yield;
  }
  return chunks;
}

function endOf<T>(items: readonly T[], from: number, { endsWith }: Pick<Cut<T, unknown>, 'endsWith'>): number {
  const most = Math.min(items.length, from + MOST);
  for (let at = from; at < most; at += 1) {
    const item = items[at];
    if (item !== undefined && endsWith(item)) return at + 1;
  }
  return most;
}

/** Whether these items come at this place of the list, and would be cut off after the last one. */
function isNext<T>(
  part: readonly T[],
  items: readonly T[],
  at: number,
  { endsWith }: Pick<Cut<T, unknown>, 'endsWith'>,
) {
  for (let index = 0; index < part.length; index += 1) if (part[index] !== items[at + index]) return false;
  const last = part.at(-1);
  const atEnd = at + part.length === items.length;
  return atEnd || part.length === MOST || (last !== undefined && endsWith(last));
}
