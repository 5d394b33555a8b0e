/**
 * Decides which host answers a server name. Precedence: exact host > name of a from-to-www-redirect > one-label
 * wildcard > alias > catch-all. A wildcard host matches exactly one label, but nginx's own `*.` matches any number;
 * therefore wildcard hosts are written as regular expressions. nginx tries exact names first, and then regular
 * expressions in the order of the file, so the server blocks of wildcard hosts precede those with alias patterns.
 */
import type { ServerName } from '../../../types/plan.ts';
import { formatObject, type Problem } from '../../../types/problem.ts';
import type { Steps } from '../../../types/steps.ts';
import { aliasRoom } from './alias-patterns.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { HostOwners } from '../../contract/host-owners.ts';
import { annotationField } from '../../features/annotations.ts';
import { hasDomain } from './confined.ts';
import { notOwnedName } from './owned-names.ts';
import { checkRegex } from '../../values/regex/check.ts';
import { escapeRegex } from '../../values/regex/literal.ts';

/** Server names of one host. `aliases`: the exact aliases among them. */
export interface HostNames {
  readonly names: readonly ServerName[];
  readonly aliases: readonly string[];
}

/** `*.example.com` as a pattern for nginx: one label before the domain. nginx converts names to lower case first. */
function wildcard(host: string): ServerName {
  return { kind: 'regex', text: `^[^.]+${escapeRegex(host.slice(1))}$` };
}

function ownName(host: string): ServerName {
  if (host === '') return { kind: 'exact', text: '_' };
  return host.startsWith('*.') ? wildcard(host) : { kind: 'exact', text: host };
}

/** The one-label wildcard that matches a name. */
export function wildcardOf(name: string): string {
  return `*${name.slice(Math.max(0, name.indexOf('.')))}`;
}

/** Names of a host without aliases. */
export function ownNames(host: string): HostNames {
  return { names: [ownName(host)], aliases: [] };
}

/**
 * Server names of the hosts with aliases. An alias that another host already has is left out. `aliased`, in the order
 * of hosts: host → its oldest Ingress with aliases, which decides. `redirected`: names that a from-to-www-redirect
 * redirects.
 */
export function* nameHosts(
  aliased: ReadonlyMap<string, IngressModel>,
  isHost: (name: string) => boolean,
  redirected: ReadonlySet<string>,
  rest: Rest,
  problems: Problem[],
): Steps<ReadonlyMap<string, HostNames>> {
  const taken = new Map<string, string>();
  const result = new Map<string, HostNames>();
  const room = yield* aliasRoom(aliased);
  const mayUse = ownedAliases(rest.owners, problems);
  for (const [host, model] of aliased) {
    const names = [ownName(host)];
    const aliases: string[] = [];
    for (const alias of model.host.aliases ?? []) {
      if (alias.startsWith('~')) yield;
      if (!mayUse(model, alias)) continue;
      const refused = redirected.has(alias)
        ? 'it is redirected by a from-to-www-redirect'
        : (room(host, alias) ?? refuse(alias, host, isHost, taken) ?? refuseWide(alias, model, rest));
      if (refused !== undefined) {
        problems.push(aliasProblem(model, alias, refused));
        continue;
      }
      if (isWide(alias, model, rest)) problems.push(...wideProblems(model, alias, rest));
      taken.set(alias, host);
      const name = aliasName(alias);
      names.push(name);
      if (name.kind === 'exact') aliases.push(alias);
    }
    names.sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'exact' ? -1 : 1));
    result.set(host, { names, aliases });
    yield;
  }
  return result;
}

/** Returns a function that says whether an Ingress may use an alias; it reports each refusal once for all hosts. */
function ownedAliases(owners: HostOwners, problems: Problem[]): (model: IngressModel, alias: string) => boolean {
  const known = new Map<IngressModel, Map<string, boolean>>();
  return (model, alias) => {
    const aliases = known.get(model) ?? new Map<string, boolean>();
    known.set(model, aliases);
    const before = aliases.get(alias);
    if (before !== undefined) return before;
    const refused = notOwnedName(model, 'server-alias', alias, owners);
    if (refused !== undefined) problems.push(refused);
    aliases.set(alias, refused === undefined);
    return refused === undefined;
  };
}

/** Who owns the names that are not the host of any Ingress. */
interface Rest {
  /** The oldest Ingress of the catch-all host. */
  readonly owner: IngressModel | undefined;
  /** --isolate-namespaces: an Ingress affects only hosts of its own namespace. */
  readonly isolated: boolean;
  readonly owners: HostOwners;
}

/** Whether a pattern matches names of any domain, although they belong to another namespace or to none. */
function isWide(alias: string, model: IngressModel, { owner }: Rest): boolean {
  return alias.startsWith('~') && !hasDomain(alias.slice(1)) && owner?.ref.namespace !== model.ref.namespace;
}

function refuseWide(alias: string, model: IngressModel, rest: Rest): string | undefined {
  if (!rest.isolated || !isWide(alias, model, rest)) return undefined;
  return (
    'it matches names of any domain, which --isolate-namespaces forbids; end the pattern with a domain, such as ' +
    '\\.example\\.com$'
  );
}

function wideProblems({ ref, prefix }: IngressModel, alias: string, { owner }: Rest): readonly Problem[] {
  const common = { severity: 'warning', effect: 'none', value: alias } as const;
  const field = annotationField(`${prefix}/server-alias`);
  const whose = owner === undefined ? '' : `, including those that ${formatObject(owner.ref)} serves`;
  const guest: Problem = {
    ...common,
    code: 'other-namespace',
    object: ref,
    field,
    message: `alias ${alias} matches names of any domain${whose}; --isolate-namespaces would prevent that`,
  };
  if (owner === undefined) return [guest];
  const message =
    `server-alias ${alias} of ${formatObject(ref)} matches names that this Ingress serves; --isolate-namespaces ` +
    'would prevent that';
  return [guest, { ...common, code: 'shared-host', object: owner.ref, field: ['spec', 'rules'], message }];
}

function aliasName(alias: string): ServerName {
  if (alias.startsWith('~')) {
    const checked = checkRegex(alias.slice(1));
    if (checked.ok) return { kind: 'regex', text: checked.pattern };
  }
  return alias.startsWith('*.')
    ? { kind: 'regex', text: `^.+${escapeRegex(alias.slice(1))}$` }
    : { kind: 'exact', text: alias };
}

function refuse(
  alias: string,
  host: string,
  isHost: (name: string) => boolean,
  taken: ReadonlyMap<string, string>,
): string | undefined {
  if (alias.startsWith('~')) {
    const checked = checkRegex(alias.slice(1));
    return checked.ok ? takenBy(alias, host, taken) : `the pattern ${checked.reason}`;
  }
  if (isHost(alias))
    return alias === host ? 'it is the host itself' : 'it is the host of an Ingress, which takes precedence';
  if (isHost(wildcardOf(alias)) && wildcardOf(alias) !== host) return `the host ${wildcardOf(alias)} takes precedence`;
  return takenBy(alias, host, taken);
}

function takenBy(alias: string, host: string, taken: ReadonlyMap<string, string>): string | undefined {
  const other = taken.get(alias);
  return other === undefined || other === host ? undefined : `it is already an alias of ${other}`;
}

function aliasProblem(model: IngressModel, alias: string, reason: string): Problem {
  return {
    code: 'alias-conflict',
    severity: 'warning',
    effect: 'ignored-key',
    object: model.ref,
    field: annotationField(`${model.prefix}/server-alias`),
    value: alias,
    message: `alias ${alias} is left out: ${reason}`,
  };
}
