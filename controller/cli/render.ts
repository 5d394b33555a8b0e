import { problemText } from '../report/problem-text.ts';
import type { LiveDocument } from '../types/live.ts';
import type { Arguments } from './flag-values.ts';
import { buildOnce, isUsageProblem, type OneShot } from './one-shot.ts';
import { problemJson } from './problem-json.ts';
import { IMAGE } from './image-site.ts';

/** The live document as an object, without private keys. */
function readable(live: LiveDocument): Record<string, unknown> {
  return Object.fromEntries(
    [...live].map(([key, text]) => {
      const value: unknown = JSON.parse(text);
      return [key, key.startsWith('c:') ? { ...(value as object), key: '[redacted]' } : value];
    }),
  );
}

function output({ built, problems, locate }: OneShot, what: Arguments<'render'>['output']): string {
  const { artifact } = built;
  const listed = problems.map((problem) => problemJson(problem, locate));
  switch (what) {
    case 'conf':
      return artifact.conf;
    case 'live':
      return JSON.stringify(readable(artifact.live), null, 2);
    case 'problems':
      return problems.map((problem) => `${problem.severity}: ${problemText(problem, locate)}`).join('\n');
    case 'json':
      return JSON.stringify({ conf: artifact.conf, live: readable(artifact.live), problems: listed }, null, 2);
  }
}

/**
 * `tidegate render`: prints the configuration, the live data or the Problems to standard output, as --output selects.
 * If --output does not select Problems, they are printed to standard error.
 */
export async function renderCommand(paths: readonly string[], given: Arguments<'render'>): Promise<number> {
  const result = await buildOnce(paths, given, { ...IMAGE, processors: given.processors });
  const missing = result.problems.filter(isUsageProblem);
  if (missing.length > 0) {
    for (const problem of missing) console.error(`error: ${problemText(problem, result.locate)}`);
    return 2;
  }
  const text = output(result, given.output).trimEnd();
  if (text !== '') process.stdout.write(`${text}\n`);
  if (given.output === 'conf' || given.output === 'live') {
    for (const problem of result.problems) console.error(`${problem.severity}: ${problemText(problem, result.locate)}`);
  }
  return result.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}
