/** For "did you mean …": finds the candidate that a misspelt word most likely means. */

/** The edit distance of two words; limit + 1 if their lengths differ by more than `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}

/**
 * Returns the candidate with the smallest edit distance, ignoring case. At most two edits are accepted, or one for
 * words of fewer than five characters.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = word.length < 5 ? 2 : 3;
  for (const candidate of candidates) {
    const d = distance(lower, candidate.toLowerCase(), 2);
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}
