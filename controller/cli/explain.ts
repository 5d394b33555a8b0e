import { problemText } from '../report/problem-text.ts';
import type { ExplainedRequest } from '../explain/request.ts';
import { explainManifests, type ExplainedManifests } from './explain-manifests.ts';
import { explainedRequest } from './explained-request.ts';
import { explanationLines } from './explanation-text.ts';
import type { Arguments } from './flag-values.ts';
import { isUsageProblem } from './one-shot.ts';

/** With use-proxy-protocol, the address of the client is that in the PROXY protocol header of a trusted proxy. */
function overProxy(request: ExplainedRequest, { shot }: ExplainedManifests): ExplainedRequest {
  const { from, ...others } = request;
  if (!shot.built.plan.static.listen.proxyProtocol || from === undefined) return request;
  return { ...others, proxied: { address: from } };
}

/**
 * `tidegate explain`: prints what Tidegate would do with one request. Errors in the manifests' syntax, because of which
 * objects are missing, are printed to standard error.
 */
export async function explainCommand(
  url: string | undefined,
  paths: readonly string[],
  given: Arguments<'explain'>,
): Promise<number> {
  const request = explainedRequest(url ?? '', given);
  const manifests = await explainManifests(paths, given);
  const { readProblems, locate } = manifests.shot;
  const errors = readProblems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) console.error(`error: ${problemText(problem, locate)}`);
  if (errors.some(isUsageProblem)) return 2;
  const explanation = manifests.explain(overProxy(request, manifests));
  const text =
    given.output === 'json' ? JSON.stringify(explanation, null, 2) : explanationLines(explanation).join('\n');
  process.stdout.write(`${text}\n`);
  return errors.length > 0 ? 1 : 0;
}
