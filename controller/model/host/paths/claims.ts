/** Which Ingress owns which path of a host (annotations-notes, section 2). */
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';

/** A path that is served for the host. */
export interface Claim {
  readonly model: IngressModel;
  readonly path: PathModel;
}

/** Oldest first; a path of the same type and text belongs to its first owner. `admits` excludes others. */
export function claimPaths(
  host: string,
  models: readonly IngressModel[],
  admits: (claim: Claim) => boolean,
  problems: Problem[],
): Claim[] {
  const claims = new Map<string, Claim>();
  for (const model of models) {
    for (const path of model.hosts.get(host) ?? []) {
      const key = `${path.type} ${path.text}`;
      const winner = claims.get(key);
      const claim = { model, path };
      if (winner === undefined) {
        if (admits(claim)) claims.set(key, claim);
      } else problems.push(conflict(model, path, winner.model));
    }
  }
  return [...claims.values()];
}

/** `path` of `model` is not served because `winner` has it. */
export function conflict(model: IngressModel, path: PathModel, winner: IngressModel): Problem {
  const who =
    winner.ref === model.ref
      ? 'earlier in the same Ingress'
      : `by ${formatObject(winner.ref)}, which takes precedence (the older Ingress does)`;
  return {
    code: 'path-conflict',
    severity: 'warning',
    effect: 'path-ignored',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message: `is already served for this host ${who}`,
  };
}
