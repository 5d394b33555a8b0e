/** How to share a limited amount among several that want some. */

/**
 * At most `share` each, and less if all together would exceed `capacity`: then the smallest demands are met in full,
 * and the others get equal parts (max-min fairness). A demand up to the result is never cut because of others.
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

/** What does not fit, in the given order: a small item may fit after a large one did not. */
export function beyond<T>(ordered: readonly T[], sizeOf: (item: T) => number, most: number): readonly T[] {
  let used = 0;
  return ordered.filter((item) => {
    const size = sizeOf(item);
    if (used + size > most) return true;
    used += size;
    return false;
  });
}
