/** Interleaves rounds, so that every subject meets the same conditions and no subject is always the first. */

/**
 * Calls each subject once in each round, in an order that is reversed from round to round; returns the results by name
 * of the subject.
 */
export async function interleave<T>(
  rounds: number,
  subjects: Readonly<Record<string, (round: number) => Promise<T>>>,
): Promise<Record<string, T[]>> {
  const names = Object.keys(subjects);
  const results: Record<string, T[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await subjects[name]?.(round);
      if (result !== undefined) results[name]?.push(result);
    }
  }
  return results;
}
