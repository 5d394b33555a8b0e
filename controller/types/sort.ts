import type { Steps } from './steps.ts';

/**
 * Lists up to this length are sorted by Array.prototype.sort in one step; longer lists are split into such lists, which
 * are merged.
 */
const RUN = 512;

/**
 * Sorts in steps, because sorting 10,000 names at once would delay changes to endpoints for too long. The order of
 * equal items is kept.
 */
export function* sortSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(yield* merge(runs[at] ?? [], runs[at + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  let at = 0;
  for (const item of right) {
    for (let other = left[at]; other !== undefined && compare(other, item) <= 0; other = left[at]) {
      merged.push(other);
      at += 1;
    }
    merged.push(item);
    if (merged.length % RUN === 0) yield;
  }
  for (const item of left.slice(at)) merged.push(item);
  return merged;
}
