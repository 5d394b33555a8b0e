/** Collects all Problems of the manifests: those of single files, and those between files. */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Place, Problem } from '../../types/problem.ts';
import { refOf } from './last-good.ts';
import type { ObjectOfFile } from './read-file.ts';
import type { Store } from './store.ts';

/**
 * Returns the Problems of files in the order of files and lines, then duplicate objects, then kinds that are not read.
 * In a repository, folders may be meant for different clusters, so copies in different folders are only notices.
 */
export function manifestProblems(store: Store, repository = false): readonly Problem[] {
  const problems: Problem[] = [];
  const others = new Map<string, { count: number; first: Place }>();
  for (const file of [...store.files.keys()].sort()) {
    const content = store.files.get(file);
    for (const problem of content?.problems ?? []) problems.push(problem);
    for (const { kind, line, column } of content?.others ?? []) {
      const entry = others.get(kind);
      if (entry === undefined) others.set(kind, { count: 1, first: { file, line, column } });
      else entry.count += 1;
    }
  }
  for (const claims of store.contested()) problems.push(...duplicates(claims, repository));
  for (const [kind, { count, first }] of others) problems.push(notRead(kind, count, first));
  return problems;
}

function duplicates([winner, ...losers]: readonly ObjectOfFile[], repository: boolean): Problem[] {
  if (winner === undefined) return [];
  return losers.map((loser) => {
    const same = isDeepStrictEqual(winner.object, loser.object);
    const { file, line, column } = loser;
    const apart = repository && path.dirname(file) !== path.dirname(winner.file);
    return {
      code: 'duplicate-object',
      severity: apart ? 'notice' : same ? 'warning' : 'error',
      effect: 'object-ignored',
      message: `the same object is also in ${winner.file}:${winner.line}, which comes first and is used${same ? '; both copies are equal' : ''}`,
      object: refOf(loser),
      field: ['metadata', 'name'],
      example: apart ? 'check --each with both folders' : 'another metadata.name, or only one of the two',
      place: { file, line, column },
    };
  });
}

const SLICE_EXAMPLE =
  '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, ' +
  'addressType: IPv4, endpoints: [{addresses: ["10.0.0.1"]}], ports: [{name: http, port: 8080}]}';

function notRead(kind: string, count: number, place: Place): Problem {
  const endpoints = kind === 'Endpoints';
  return {
    code: endpoints ? 'endpoints-not-read' : 'kind-not-read',
    severity: 'notice',
    effect: 'none',
    message: `kind not read: ${kind} (${count})${endpoints ? '; the endpoints of a Service are read from EndpointSlices' : ''}`,
    ...(endpoints ? { example: SLICE_EXAMPLE } : {}),
    place,
  };
}
