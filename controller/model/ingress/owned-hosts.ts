/** Removes from the model of an Ingress the hosts that its namespace may not use (--host-ownership). */
import { type FieldPath, type Problem, shorten } from '../../types/problem.ts';
import { type HostOwners, NO_OWNERS } from '../contract/host-owners.ts';
import type { Read } from '../contract/resources.ts';
import { hostRefusal } from '../owners/host-refusal.ts';
import { namesOfHost, NO_HOST } from '../values/host-patterns.ts';
import type { IngressModel } from './ingress-model.ts';

export interface OwnedHosts {
  readonly model: IngressModel;
  /** The look-ups that decided. */
  readonly reads: readonly Read[];
  readonly problems: readonly Problem[];
}

type Refused = ReadonlyMap<string, string>;

const remembered = new WeakMap<IngressModel, Omit<OwnedHosts, 'reads'> & { readonly refused: Refused }>();

/**
 * The model as if the Ingress did not name the refused hosts. The same model and refusals give the same objects, and
 * without a refusal the model itself is returned.
 */
export function withOwnedHosts(model: IngressModel, owners: HostOwners): OwnedHosts {
  if (owners === NO_OWNERS) return { model, reads: NONE, problems: NONE };
  const reads: Read[] = [];
  const refused = new Map<string, string>();
  for (const host of hostsAsked(model)) {
    const reason = hostRefusal(owners, model.ref.namespace, namesOfHost(host), reads);
    if (reason !== undefined) refused.set(host, reason);
  }
  if (refused.size === 0) return { model, reads: unique(reads), problems: NONE };
  const known = remembered.get(model);
  if (known !== undefined && isSame(known.refused, refused)) return { ...known, reads: unique(reads) };
  const made = { model: without(model, refused), problems: problemsOf(model, refused, owners), refused };
  remembered.set(model, made);
  return { ...made, reads: unique(reads) };
}

const NONE: readonly never[] = [];

/** Hosts to which the Ingress applies; the empty string is the catch-all host. */
export function hostsAsked({
  hosts,
  defaultBackend,
}: Pick<IngressModel, 'hosts' | 'defaultBackend'>): readonly string[] {
  return hosts.size === 0 && defaultBackend !== undefined ? [''] : [...hosts.keys()];
}

/** Each look-up once: the hosts of an Ingress often share domains. */
function unique(reads: readonly Read[]): readonly Read[] {
  return [...new Map(reads.map((read) => [`${read.kind} ${read.key}`, read])).values()];
}

function isSame(a: Refused, b: Refused): boolean {
  return a.size === b.size && [...a].every(([host, reason]) => b.get(host) === reason);
}

function without(model: IngressModel, refused: Refused): IngressModel {
  const hosts = new Map([...model.hosts].filter(([host]) => !refused.has(host)));
  // If no hosts remained, the default backend would apply to the catch-all host.
  return { ...model, hosts, defaultBackend: hosts.size === 0 ? undefined : model.defaultBackend };
}

function problemsOf({ ingress, ref }: IngressModel, refused: Refused, owners: HostOwners): readonly Problem[] {
  const rules = ingress.spec?.rules ?? [];
  return [...refused].map(([host, reason]): Problem => {
    const index = rules.findIndex((rule) => (rule.host ?? '') === host);
    const field: FieldPath = index < 0 ? ['spec', 'defaultBackend'] : ['spec', 'rules', index, 'host'];
    return {
      code: NOT_OWNED,
      severity: 'error',
      effect: 'path-ignored',
      object: ref,
      field,
      ...(host !== '' && { value: shorten(host) }),
      message: `namespace ${ref.namespace} may not use ${host === '' ? 'rules without a host' : host}: ${reason}`,
      example: owners.example(ref.namespace, host === '' ? NO_HOST : host),
    };
  });
}

/** Code of the Problem reported when a namespace may not use a host or another name. */
export const NOT_OWNED = 'host-not-owned';
