/** Problems of paths that cannot be used as regular expressions. */
import type { Problem } from '../../../types/problem.ts';
import type { PathClaim } from './claims.ts';

export interface RefusedRegexes {
  /** Reports a path that is invalid itself. */
  refuse(claim: PathClaim, reason: string): void;
  /** Reports a path that exceeds a limit; all such paths of an Ingress are reported together. */
  leaveOut(claim: PathClaim, reason: string): void;
  problems(): readonly Problem[];
}

export function refusedRegexes(): RefusedRegexes {
  const single: Problem[] = [];
  const leftOut = new Map<string, { readonly claim: PathClaim; readonly reason: string; more: number }>();
  return {
    refuse: (claim, reason) => single.push(problem(claim, reason, 0)),
    leaveOut: (claim, reason) => {
      const { namespace, name } = claim.model.ref;
      const key = `${namespace}/${name} ${reason}`;
      const known = leftOut.get(key);
      if (known === undefined) leftOut.set(key, { claim, reason, more: 0 });
      else known.more += 1;
    },
    problems: () => [
      ...single,
      ...[...leftOut.values()].map(({ claim, reason, more }) => problem(claim, reason, more)),
    ],
  };
}

function problem({ model, path }: PathClaim, reason: string, more: number): Problem {
  const others = more === 0 ? '' : more === 1 ? ', and so is another path' : `, and so are ${more} other paths`;
  return {
    code: 'refused-path-regex',
    severity: 'error',
    effect: 'denied-location',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message: `the path ${reason}${others}; it is a regular expression because an Ingress of this host uses use-regex or rewrite-target`,
    example: 'path: /api(/|$)(.*)',
  };
}
