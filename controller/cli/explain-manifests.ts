/** Explains requests to an NGINX that serves the given manifests. */
import { explainBuild } from '../app/explain-build.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { ExplainedRequest } from '../explain/request.ts';
import type { Arguments } from './flag-values.ts';
import { IMAGE } from './image-site.ts';
import { buildOnce, type OneShot } from './one-shot.ts';

export interface ExplainedManifests {
  readonly shot: OneShot;
  readonly explain: (request: ExplainedRequest) => Explanation;
}

/** Reads the manifests once; any number of requests can then be explained. */
export async function explainManifests(
  paths: readonly string[],
  given: Omit<Arguments<'explain'>, 'method' | 'header' | 'from' | 'clientCert' | 'output'>,
): Promise<ExplainedManifests> {
  const shot = await buildOnce(paths, given, { ...IMAGE, processors: given.processors });
  const front = { ports: { http: given.httpPort, https: given.httpsPort }, strictAccess: given.strictAccess };
  return { shot, explain: explainBuild(shot.built, shot.build, front) };
}
