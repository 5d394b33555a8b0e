/**
 * Notices for Ingresses whose paths match more than their text, because another one turned the host's paths into
 * regular expressions.
 */
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { Claim } from './claims.ts';

/** One per Ingress; `asks`: the oldest Ingress that uses rewrite-target or use-regex. */
export function regexPathNotices(host: string, claims: readonly Claim[], asks: IngressModel): Problem[] {
  const first = new Map<IngressModel, { readonly claim: Claim; more: number }>();
  for (const claim of claims) {
    const known = first.get(claim.model);
    if (!isWider(claim)) continue;
    if (known === undefined) first.set(claim.model, { claim, more: 0 });
    else known.more += 1;
  }
  return [...first.values()].map(({ claim, more }) => notice(host, claim, more, asks));
}

/** A Prefix `/` matches everything anyway; a path that asks for a regular expression matches as written. */
function isWider({ model, path }: Claim): boolean {
  return !path.settings.regex && !model.quarantined && !(path.type === 'Prefix' && path.text === '/');
}

function notice(host: string, { model, path }: Claim, more: number, asks: IngressModel): Problem {
  const others = more === 0 ? '' : more === 1 ? ', and so is another path' : `, and so are ${more} other paths`;
  const who = asks === model ? 'it uses' : `${formatObject(asks.ref)} uses`;
  return {
    code: 'wider-path',
    severity: 'notice',
    effect: 'none',
    object: model.ref,
    field: [...path.field, 'path'],
    value: path.text,
    message:
      `path ${path.text} of ${host === '' ? 'every host' : host} is matched by its beginning, in any ` +
      `case${others}, because ${who} rewrite-target or use-regex for this host; --strict-paths prevents that`,
  };
}
