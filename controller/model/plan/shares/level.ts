/** Shares a limited amount among several demands. */

/**
 * The maximum that each demand is granted: `share`, or less if all demands together would exceed `capacity`. In that
 * case the smallest demands are met in full and all other demands get equal parts (max-min fairness).
 */
export function levelOf(wants: readonly number[], share: number, capacity: number): number {
  let total = 0;
  for (const want of wants) total += Math.min(want, share);
  if (total <= capacity) return share;
  const sorted = [...wants].sort((a, b) => a - b);
  let left = capacity;
  for (const [index, want] of sorted.entries()) {
    const equal = left / (sorted.length - index);
    if (want > equal) return Math.min(share, Math.floor(equal));
    left -= want;
  }
  return share;
}

/** Items that do not fit into `most`, tried in the given order: a small item may fit after a large one did not. */
export function beyond<T>(ordered: readonly T[], sizeOf: (item: T) => number, most: number): readonly T[] {
  let used = 0;
  return ordered.filter((item) => {
    const size = sizeOf(item);
    if (used + size > most) return true;
    used += size;
    return false;
  });
}
