import { convertManifests } from '../cluster/index.ts';
import { problemText } from '../report/problem-text.ts';
import { isUsageProblem } from './one-shot.ts';

/**
 * `tidegate convert`: writes the converted manifests to standard output, and a report of the changes to standard error.
 */
export async function convert(paths: readonly string[]): Promise<number> {
  const { text, problems } = await convertManifests(paths);
  process.stdout.write(text);
  for (const problem of problems) console.error(`${problem.severity}: ${problemText(problem, () => undefined)}`);
  if (problems.some(isUsageProblem)) return 2;
  return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}
