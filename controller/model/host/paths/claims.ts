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
 * The paths that are served, in the order of `models`. If several Ingresses have a path with the same type and text, it
 * belongs to the first of them. `owner`: the namespace whose Ingresses come before older ones of others. `admits` can
 * refuse a path.
 */
export function claimPaths(
  host: string,
  models: readonly IngressModel[],
  owner: string | undefined,
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
      } else problems.push(conflict(model, path, winner.model, owner));
    }
  }
  return [...claims.values()];
}

/**
 * The Problem that `path` of `model` is not served, because `winner` has a path with the same type and text. `owner`:
 * the namespace whose Ingresses take precedence over those of others, whatever their age.
 */
export function conflict(model: IngressModel, path: PathModel, winner: IngressModel, owner?: string): Problem {
  const byRight = winner.ref.namespace === owner && model.ref.namespace !== owner;
  const reason = byRight ? 'the host belongs to its namespace' : 'it is older';
  const who =
    winner.ref === model.ref
      ? 'earlier in the same Ingress'
      : `by ${formatObject(winner.ref)}, which takes precedence because ${reason}`;
  return {
    code: CONFLICT_CODE,
    severity: 'warning',
    effect: 'path-ignored',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message: `${path.text} is already served for this host ${who}`,
    winner: winner.ref,
    ...(byRight && { byRight }),
  };
}
