/** Searches an array of lines that grows while a test waits. */

/**
 * Returns a function that searches the lines from index `from` on for a match of `pattern`, and returns the first
 * matching line. Each call tests only the lines that were added since the previous call; an array other than the
 * previous one is searched from `from` on.
 */
export function lineSearch(pattern: RegExp, from = 0): (lines: readonly string[]) => string | undefined {
  let searched: readonly string[] = [];
  let next = from;
  return (lines) => {
    if (lines !== searched) next = from;
    searched = lines;
    for (; next < lines.length; next += 1) {
      const line = lines[next] ?? '';
      if (pattern.test(line)) return line;
    }
    return undefined;
  };
}
