/** Levenshtein distance, bounded: any distance above `most` counts as `most + 1`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? most + 1;
}

/** Whether two strings differ by at most `most` letters; `b` is in lower case. */
export function isNear(a: string, b: string, most: number): boolean {
  return distance(a.toLowerCase(), b, most) <= most;
}

/** `; did you mean "x"?` with the known name nearest to `name`, or an empty string if no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const most = name.length < 6 ? 1 : 3;
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    const far = distance(name.toLowerCase(), candidate, most);
    if (far < least) [best, least] = [candidate, far];
  }
  return best === undefined ? '' : `; did you mean ${JSON.stringify(best)}?`;
}
