/** Names besides the host that an Ingress asks for with an annotation, and that its namespace may not use. */
import { type Problem, shorten } from '../../../types/problem.ts';
import { annotationField } from '../../contract/annotation-field.ts';
import { type HostOwners, NO_OWNERS } from '../../contract/host-owners.ts';
import { NOT_OWNED } from '../../ingress/owned-hosts.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { hostRefusal } from '../../owners/host-refusal.ts';
import { type AskedNames, EVERY_HOST, type HostPattern } from '../../values/host-patterns.ts';
import { domainIn } from './confined.ts';

/** Reports that the namespace of an Ingress may not use a name; undefined if it may. `key`: the annotation. */
export function notOwnedName(
  { ref, prefix }: Pick<IngressModel, 'ref' | 'prefix'>,
  key: 'server-alias' | 'from-to-www-redirect',
  name: string,
  owners: HostOwners,
): Problem | undefined {
  if (owners === NO_OWNERS) return undefined;
  const names = namesOfAlias(name);
  const reason = hostRefusal(owners, ref.namespace, names, []);
  if (reason === undefined) return undefined;
  return {
    code: NOT_OWNED,
    severity: 'error',
    effect: 'ignored-key',
    object: ref,
    field: annotationField(`${prefix}/${key}`),
    value: shorten(name),
    message: `namespace ${ref.namespace} may not use ${key} for ${name}: ${reason}`,
    example: owners.example(ref.namespace, patternFor(names, name)),
  };
}

/** An alias is a name, `*.` and a domain (any number of labels), or `~` and a regular expression. */
function namesOfAlias(alias: string): AskedNames {
  if (alias.startsWith('~')) return { kind: 'below', domain: domainIn(alias.slice(1)) ?? '' };
  return alias.startsWith('*.') ? { kind: 'below', domain: alias.slice(2) } : { kind: 'name', name: alias };
}

/** A pattern that matches all of these names. */
function patternFor(names: AskedNames, name: string): HostPattern {
  if (names.kind !== 'below') return name;
  return names.domain === '' ? EVERY_HOST : `**.${names.domain}`;
}
