/**
 * Keeps objects in use after an edit that breaks their manifest. A cluster would have rejected the edit and kept the
 * old object. The object is kept here as long as the file is broken.
 */
import { formatObject } from '../../types/problem.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { ObjectOfFile, FileContent } from './read-file.ts';

/**
 * Returns `content`, plus objects of `previous` that may be in a part of the file that is now unreadable, or whose new
 * version was rejected.
 */
export function keepLastGoodDocuments(content: FileContent, previous: FileContent | undefined): FileContent {
  if (previous === undefined || (!content.unreadable && content.refused.length === 0)) return content;
  const present = new Set(content.claims.map(claimId));
  const refused = new Set(content.refused.map(claimId));
  const kept = previous.claims.filter((claim) => {
    const id = claimId(claim);
    return !present.has(id) && (content.unreadable || refused.has(id));
  });
  if (kept.length === 0) return content;
  // The kept objects follow all others, so that the order is that of a fresh reading.
  const claims = [
    ...content.claims,
    ...kept.map((claim, index) => ({ ...claim, order: content.claims.length + index })),
  ];
  return { ...content, claims, problems: content.problems.map((problem) => explain(problem, kept)) };
}

function claimId({ kind, key }: { readonly kind: string; readonly key: string }): string {
  return `${kind} ${key}`;
}

function explain(problem: Problem, kept: readonly ObjectOfFile[]): Problem {
  if (problem.severity !== 'error') return problem;
  const { object } = problem;
  const own = kept.filter((claim) => object !== undefined && refersTo(claim, object));
  const served = object === undefined ? kept : own;
  if (served.length === 0) return problem;
  return {
    ...problem,
    effect: 'quarantined',
    message: `${problem.message}; the last good version of ${names(served)} stays in use`,
  };
}

export function refersTo(claim: ObjectOfFile, ref: ObjectRef): boolean {
  return claim.kind === ref.kind && claim.key === (ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`);
}

export function refOf(claim: ObjectOfFile): ObjectRef {
  const slash = claim.key.indexOf('/');
  return { kind: claim.kind, namespace: slash < 0 ? '' : claim.key.slice(0, slash), name: claim.key.slice(slash + 1) };
}

function names(claims: readonly ObjectOfFile[]): string {
  const shown = claims.slice(0, 3).map((claim) => formatObject(refOf(claim)));
  return claims.length > 3 ? `${shown.join(', ')} and ${claims.length - 3} more` : shown.join(', ');
}
