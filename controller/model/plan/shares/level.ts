/** How much each of several may have where all want something and there is only so much. */

/**
 * At most `share` each, and less where all together would have more than `capacity`: then those who want least get it
 * whole, and the others the same (max-min fairness). Nobody is cut because of what somebody else wants, unless he himself
 * wants more than the answer.
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

/** Of what is in order, that which does not fit any more: what is small may fit behind something that is not. */
export function beyond<T>(ordered: readonly T[], sizeOf: (item: T) => number, most: number): readonly T[] {
  let used = 0;
  return ordered.filter((item) => {
    const size = sizeOf(item);
    if (used + size > most) return true;
    used += size;
    return false;
  });
}
