/** Decides which Ingress owns a path of a host. */
import { CONFLICT_CODE } from '../../../types/denial.ts';
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';

/** A path of a host, and the Ingress that owns it. */
export interface PathClaim {
  readonly model: IngressModel;
  readonly path: PathModel;
}

/**
 * The paths that are served, oldest first. If several Ingresses have a path with the same type and text, it belongs to
 * the oldest of them. `admits` can refuse a path.
 */
export function claimPaths(
  host: string,
  models: readonly IngressModel[],
  admits: (claim: PathClaim) => boolean,
  problems: Problem[],
): PathClaim[] {
  const claims = new Map<string, PathClaim>();
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

/** The Problem that `path` of `model` is not served, because `winner` owns a path with the same type and text. */
export function conflict(model: IngressModel, path: PathModel, winner: IngressModel): Problem {
  const who =
    winner.ref === model.ref
      ? 'earlier in the same Ingress'
      : `by ${formatObject(winner.ref)}, which takes precedence because it is older`;
  return {
    code: CONFLICT_CODE,
    severity: 'warning',
    effect: 'path-ignored',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message: `${path.text} is already served for this host ${who}`,
    winner: winner.ref,
  };
}
