/** Interleaved rounds: every subject sees the same machine, and none always comes first. */

/** Calls each subject once in each round, alternately from both ends; returns its results by name. */
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
