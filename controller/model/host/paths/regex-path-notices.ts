/**
 * Notices for Ingresses whose paths match more than their plain text, because an Ingress with rewrite-target or
 * use-regex turned all paths of the host into regular expressions.
 */
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathClaim } from './claims.ts';

/** One notice for each Ingress; `asks`: the oldest Ingress that uses rewrite-target or use-regex. */
export function regexPathNotices(host: string, claims: readonly PathClaim[], asks: IngressModel): Problem[] {
  const first = new Map<IngressModel, { readonly claim: PathClaim; more: number }>();
  for (const claim of claims) {
    const known = first.get(claim.model);
    if (!isWider(claim)) continue;
    if (known === undefined) first.set(claim.model, { claim, more: 0 });
    else known.more += 1;
  }
  return [...first.values()].map(({ claim, more }) => notice(host, claim, more, asks));
}

/**
 * Whether a path matches more as a regular expression than as plain text. A Prefix `/` matches everything anyway, and a
 * path of an Ingress with rewrite-target or use-regex is meant as a regular expression.
 */
function isWider({ model, path }: PathClaim): boolean {
  return !path.settings.regex && !model.quarantined && !(path.type === 'Prefix' && path.text === '/');
}

function notice(host: string, { model, path }: PathClaim, more: number, asks: IngressModel): Problem {
  const others = more === 0 ? '' : more === 1 ? ', and so does another path' : `, and so do ${more} other paths`;
  const who = asks === model ? 'it uses' : `${formatObject(asks.ref)} uses`;
  return {
    code: 'wider-path',
    severity: 'notice',
    effect: 'none',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message:
      `path ${path.text} of ${host === '' ? 'every host' : host} matches everything that begins with it, ignoring ` +
      `case${others}, because ${who} rewrite-target or use-regex for this host; --strict-paths prevents that`,
  };
}
