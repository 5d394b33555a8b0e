/**
 * Canaries of a host. A canary is attached to a path of another Ingress, not to a Service: the same Service may be a
 * canary of one path and the backend of another.
 */
import { formatObject, type ObjectRef, type Problem } from '../../types/problem.ts';
import type { CanaryRules } from '../features/annotation.ts';
import { annotationField } from '../contract/annotation-field.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { PathModel } from '../ingress/ingress-rules.ts';
import type { PathClaim } from './paths/claims.ts';

export interface Canary {
  readonly model: IngressModel;
  readonly path: PathModel;
  readonly rules: CanaryRules;
}

export interface CanaryInput {
  readonly host: string;
  /** Canary Ingresses of the host, oldest first. */
  readonly canaries: readonly IngressModel[];
}

/** Whether a canary may take requests of a path that `owner` owns. */
type Admits = (canary: Pick<Canary, 'model' | 'path'>, owner: IngressModel) => boolean;

/** Path → its canaries, oldest first. A canary belongs to the path with the same type and text as its own. */
export function attachCanaries(
  { host, canaries }: CanaryInput,
  claims: readonly PathClaim[],
  admits: Admits,
  problems: Problem[],
): ReadonlyMap<PathModel, readonly Canary[]> {
  if (canaries.length === 0) return NO_CANARIES;
  const owners = new Map(claims.map((claim) => [matchOf(claim.path), claim]));
  const attached = new Map<PathModel, Canary[]>();
  for (const model of canaries) {
    for (const path of model.hosts.get(host) ?? []) {
      const claim = owners.get(matchOf(path));
      if (model.canary === undefined) continue;
      if (claim === undefined) {
        problems.push(withoutPrimary(model, path, host, claims));
        continue;
      }
      if (!admits({ model, path }, claim.model)) continue;
      const owner = claim.path;
      const others = attached.get(owner) ?? [];
      if (others.some((other) => other.model === model)) {
        problems.push(twice(model.ref, path));
        continue;
      }
      if (others.length >= MOST) {
        problems.push(tooMany(model.ref, path));
        continue;
      }
      const taken = others.reduce((sum, { rules }) => sum + rules.weight / rules.total, 0);
      const { weight, total } = model.canary;
      // The tolerance of 1e-9 is for rounding errors; it is smaller than any weight.
      if (weight > 0 && taken + weight / total > 1 + 1e-9) problems.push(tooMuch(model.ref, path, taken));
      attached.set(owner, [...others, { model, path, rules: model.canary }]);
    }
  }
  return attached;
}

/** Maximum number of canaries of a path: they are sent to NGINX's live API as one value. */
const MOST = 100;
const NO_CANARIES: ReadonlyMap<PathModel, readonly Canary[]> = new Map();

function matchOf({ type, text }: PathModel): string {
  return `${type} ${text}`;
}

function withoutPrimary(model: IngressModel, path: PathModel, host: string, claims: readonly PathClaim[]): Problem {
  const near = claims.find((claim) => claim.path.text === path.text);
  const hint =
    near === undefined ? '' : `; ${formatObject(near.model.ref)} has this path with pathType ${near.path.type}`;
  return {
    code: 'canary-without-primary',
    severity: 'warning',
    effect: 'path-ignored',
    object: model.ref,
    field: annotationField(`${model.prefix}/canary`),
    value: path.text,
    message:
      `no other Ingress has path ${path.text} with pathType ${path.type} for ${host === '' ? 'every host' : host}, ` +
      `so this canary gets no requests${hint}`,
  };
}

function twice(object: ObjectRef, path: PathModel): Problem {
  return {
    code: 'path-conflict',
    severity: 'warning',
    effect: 'path-ignored',
    object,
    field: [...path.field, 'path'],
    value: path.text,
    message: 'this canary already lists the path for this host earlier in the same Ingress',
  };
}

function tooMany(object: ObjectRef, path: PathModel): Problem {
  return {
    code: 'canary-limit',
    severity: 'error',
    effect: 'path-ignored',
    object,
    field: [...path.field, 'path'],
    value: path.text,
    message: `the path already has ${MOST} older canaries, the maximum`,
  };
}

function tooMuch(object: ObjectRef, path: PathModel, taken: number): Problem {
  const left = Math.max(0, Math.round((1 - taken) * 10_000) / 100);
  return {
    code: 'canary-weights',
    severity: 'warning',
    effect: 'none',
    object,
    field: [...path.field, 'path'],
    value: path.text,
    message: `the older canaries leave only ${left} % of this path's requests, less than the weight of this canary`,
  };
}
