/** Warnings about paths that do not match what the author of the Ingress probably expects. */
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { PathClaim } from './claims.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';

function whose(host: string): string {
  return host === '' ? 'every host' : host;
}

function andOthers(more: number): string {
  return more === 0 ? '' : `, and so ${more === 1 ? 'is another path' : `are ${more} other paths`}`;
}

/** For each Ingress, its first item in `found`, and the number of its other items. */
function onceEach<T extends { readonly claim: PathClaim }>(found: readonly T[]): (readonly [T, number])[] {
  return [...Map.groupBy(found, ({ claim }) => claim.model).values()].flatMap((all) =>
    all[0] === undefined ? [] : [[all[0], all.length - 1] as const],
  );
}

/**
 * Syntax that plain paths do not usually contain: `.*`, a group with operators, a class, an escape, `^` at the start,
 * or `$` or `*` at the end.
 */
const PATTERN = /\.[*+]|\([^()]*[|*+?\\[]|\[[^[\]]+\]|\\[a-zA-Z.]|^\/?\^|[$*]$/;

/** Reports paths that look like regular expressions but are matched as text: one warning per Ingress of the host. */
export function plainPatterns(host: string, claims: readonly PathClaim[]): Problem[] {
  const found = claims.filter(({ path }) => PATTERN.test(path.text)).map((claim) => ({ claim }));
  return onceEach(found).map(([{ claim }, more]) => ({
    code: 'plain-pattern',
    severity: 'warning',
    effect: 'none',
    object: claim.model.ref,
    field: [...claim.path.field, 'path'],
    value: claim.path.text,
    message: `path ${claim.path.text} of ${whose(host)} is matched as text${andOthers(more)}: regular expressions need use-regex`,
    example: `${claim.model.prefix}/use-regex: "true"`,
  }));
}

export interface Shadowed {
  readonly claim: PathClaim;
  readonly by: PathClaim;
}

/**
 * Reports paths that get no requests, because a regular expression that is tried earlier matches every request for
 * them.
 */
export function shadowedPaths(host: string, found: readonly Shadowed[]): Problem[] {
  return onceEach(found).map(([{ claim, by }, more]) => ({
    code: 'shadowed-path',
    severity: 'warning',
    effect: 'none',
    object: claim.model.ref,
    field: [...claim.path.field, 'path'],
    value: claim.path.text,
    message:
      `path ${claim.path.text} of ${whose(host)} gets no requests${more === 0 ? '' : more === 1 ? ', nor does one other path' : `, nor do ${more} other paths`}: regular expressions are tried longest first, ` +
      `and ${by.path.text}${ofIngress(by.model, claim.model)} matches every request that this path would`,
    ...(claim.path.text !== '/' && { example: `path: ${claim.path.text.replace(/\/$/, '')}(/|$)(.*)` }),
  }));
}

function ofIngress(model: IngressModel, own: IngressModel): string {
  return model === own ? '' : ` of ${formatObject(model.ref)}`;
}
