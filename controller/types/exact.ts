/** Lists that are kept for long, in no more memory than they need. */

/** The same items. A list that grew by `push`, `filter`, `flatMap` or a spread has room for sixteen more, 128 bytes. */
export function exact<T>(list: readonly T[]): T[] {
  return list.slice();
}
