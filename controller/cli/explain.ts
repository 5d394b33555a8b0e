import { problemText } from '../report/problem-text.ts';
import type { Explanation } from '../explain/explanation.ts';
import { askOnce } from './ask/controller-socket.ts';
import { explainManifests } from './explain-manifests.ts';
import { explainedRequest, overProxy } from './explained-request.ts';
import { explanationLines } from './explanation-text.ts';
import type { Arguments } from './flag-values.ts';
import { isUsageProblem } from './one-shot.ts';
import { UsageError } from './usage-error.ts';

/**
 * `tidegate explain`: prints what happens to one request, with these manifests or, if there are none, in a running
 * controller. Errors in the syntax of the manifests, because of which objects are missing, are printed to standard
 * error.
 */
export async function explainCommand(
  url: string | undefined,
  paths: readonly string[],
  given: Arguments<'explain'>,
): Promise<number> {
  if (paths.length === 0) return explainLive(url ?? '', given);
  if (given.deployment !== '' || given.pod !== '')
    throw new UsageError('--deployment and --pod ask a running controller; leave out the paths of manifests');
  const request = explainedRequest(url ?? '', given);
  const manifests = await explainManifests(paths, given);
  const { readProblems, locate } = manifests.shot;
  const errors = readProblems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) console.error(`error: ${problemText(problem, locate)}`);
  if (errors.some(isUsageProblem)) return 2;
  print(manifests.explain(overProxy(request, manifests.shot.built.plan)), given.output);
  return errors.length > 0 ? 1 : 0;
}

function print(explanation: Explanation, output: 'text' | 'json'): void {
  const text = output === 'json' ? JSON.stringify(explanation, null, 2) : explanationLines(explanation).join('\n');
  process.stdout.write(`${text}\n`);
}

/** Asks the running controller. */
async function explainLive(url: string, given: Arguments<'explain'>): Promise<number> {
  // Reports invalid arguments before a controller is looked for.
  explainedRequest(url, given);
  const { method, header, from, clientCert } = given;
  const query = { url, method, header, from, clientCert };
  const answer = await askOnce(given, (client) => client.get('explain', query));
  if (answer === undefined) return 1;
  // The controller either has the same version as this command or answers with a superset of this structure.
  print(answer.value.explanation as unknown as Explanation, given.output);
  return 0;
}
