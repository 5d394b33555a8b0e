/** Pages of lists, as JSON text. Only the items of the page are made and written, in steps. */
import type { Steps } from '../../types/steps.ts';

/** A page ends after this many characters, whatever its `limit`. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

export interface Range {
  readonly limit: number;
  readonly offset: number;
}

/**
 * Writes the page of a list. `viewOf` makes the item for an element. A page contains at least one item unless its
 * offset is beyond the end of the list. `more` is added to the answer.
 */
export function* pageText<T, I>(
  elements: readonly T[],
  { limit, offset }: Range,
  viewOf: (element: T) => I,
  more: Readonly<Record<string, unknown>> = {},
): Steps<string> {
  const items: string[] = [];
  const end = Math.min(elements.length, offset + limit);
  let [at, characters] = [offset, 0];
  for (; at < end && characters < MOST_CHARACTERS; at += 1) {
    const text = JSON.stringify(viewOf(elements[at] as T));
    items.push(text);
    characters += text.length;
    yield;
  }
  const next = at < elements.length && at > offset ? at : null;
  const head = JSON.stringify({ total: elements.length, next, ...more });
  return `${head.slice(0, -1)},"items":[${items.join(',')}]}`;
}
