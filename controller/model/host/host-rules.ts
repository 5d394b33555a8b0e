/** Inputs that the plans of all hosts depend on, besides the Ingresses of each host. */
import type { BackendRef } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { differingKeys } from '../../types/table/diff.ts';
import { changedNames, type Pool } from '../certificates/pool.ts';
import type { EntryInput } from '../ingress/entries.ts';
import { type EndpointRules, endpointRules } from './backends/endpoint-rules.ts';
import { type Group, type HostGroups, isHost, wantedOf } from './groups.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import { type KeptSecrets, sameFixedOptions } from '../contract/options.ts';
import { settingPagesOfNobody } from '../ingress/pages-without-backend.ts';
import { type HostNames, nameHosts } from './names/server-names.ts';
import { deciding } from './paths/shared-host.ts';
import { nameWww } from './names/www-names.ts';

/** Names of hosts besides their own. */
interface OtherNames {
  /** Host with aliases → its server names. */
  readonly aliased: ReadonlyMap<string, HostNames>;
  /** Host with from-to-www-redirect → the name that is redirected to it. */
  readonly wwwNames: ReadonlyMap<string, string>;
  /** Problems about aliases and redirected names. */
  readonly nameProblems: readonly Problem[];
}

export interface HostRules extends EntryInput, OtherNames {
  /** The groups to which the other names belong. */
  readonly groups: HostGroups;
  /** Port of the Service in --default-backend-service. */
  readonly defaultBackend: BackendRef | null;
  /** Variables that are used in settings and header ConfigMaps. */
  readonly read: ReadonlySet<string>;
  /** Wildcard hosts with TLS. The wildcard hosts are planned before all others, and fill this set. */
  readonly secureWildcards: Set<string>;
  /** Wildcard hosts whose TLS connections are passed to a backend; they fill this set, too. */
  readonly passedWildcards: Set<string>;
  /** Certificates for hosts without a usable one of their own. */
  readonly pool: Pool;
  /**
   * Names for which the pool has a different certificate than in the previous build; undefined if they are not known.
   */
  readonly changedPool: ReadonlySet<string> | undefined;
  /** Keys of the Secrets that differ from the previous build; undefined if every Secret must be checked again. */
  readonly changedSecrets: ReadonlySet<ObjectKey> | undefined;
  /**
   * Keys of the Services that differ, or whose EndpointSlices differ, from the previous build; undefined if every
   * Service must be resolved again.
   */
  readonly changedServices: ReadonlySet<ObjectKey> | undefined;
  readonly endpoints: EndpointRules;
}

/**
 * The rules of a build. `before`: the rules of the previous build; `special`: the groups with aliases or
 * from-to-www-redirect.
 */
export function* hostRules(
  input: EntryInput,
  before: HostRules | undefined,
  {
    groups,
    special,
    read,
    pool,
  }: { readonly groups: HostGroups; readonly special: readonly Group[] } & Pick<HostRules, 'read' | 'pool'>,
  problems: Problem[],
): Steps<HostRules> {
  const isolated = input.options.isolateNamespaces;
  const sameNames =
    before?.groups === groups &&
    before.options.isolateNamespaces === isolated &&
    before.owners.claims === input.owners.claims &&
    before.owners.index === input.owners.index &&
    before.owners.unknown === input.owners.unknown &&
    before.owners.doubt === input.owners.doubt;
  const { aliased, wwwNames, nameProblems } = sameNames ? before : yield* otherNames(groups, special, input);
  const endpoints = endpointRules(input.options, input.snapshot);
  return {
    ...input,
    groups,
    aliased,
    wwwNames,
    nameProblems,
    read,
    pool,
    changedPool: before === undefined ? undefined : changedNames(before.pool, pool),
    defaultBackend: defaultBackend(input, problems),
    secureWildcards: new Set(),
    passedWildcards: new Set(),
    changedSecrets: before === undefined ? undefined : changedSecrets(before, input),
    changedServices: before?.endpoints === endpoints ? changedServices(before, input) : undefined,
    endpoints,
  };
}

function* otherNames(
  groups: HostGroups,
  special: readonly Group[],
  { options: { isolateNamespaces: isolated }, owners }: EntryInput,
): Steps<OtherNames> {
  const nameProblems: Problem[] = [];
  const models = new Map<string, IngressModel>();
  const owned = special.map((group) => ownedPart(group, isolated));
  for (const { host, aliased: model } of owned) if (model !== undefined) models.set(host, model);
  const named = (host: string): boolean => isHost(groups, host);
  const wwwNames = nameWww(owned, named, owners, nameProblems);
  const rest = { owner: groups.get('')?.models[0], isolated, owners };
  const aliased = yield* nameHosts(models, named, new Set(wwwNames.values()), rest, nameProblems);
  return { aliased, wwwNames, nameProblems };
}

/** Undefined if `now` is later than in the previous build, because certificates may have expired since then. */
function changedSecrets(before: EntryInput, now: EntryInput): ReadonlySet<ObjectKey> | undefined {
  if (before.options.now !== now.options.now) return undefined;
  const { keptSecrets: keptBefore = NOTHING_KEPT } = before.options;
  const { keptSecrets = NOTHING_KEPT } = now.options;
  return new Set([
    ...differingKeys(before.snapshot.Secret, now.snapshot.Secret),
    ...differingKeys(keptBefore, keptSecrets),
  ]);
}

const NOTHING_KEPT: KeptSecrets = new Map();

function changedServices(before: EntryInput, now: EntryInput): ReadonlySet<ObjectKey> | undefined {
  const sameNames = before.options.resolvedNames === now.options.resolvedNames;
  if (!sameNames || !sameFixedOptions(before.options, now.options)) return undefined;
  return new Set([
    ...differingKeys(before.snapshot.Service, now.snapshot.Service),
    ...differingKeys(before.snapshot.slicesOfService, now.snapshot.slicesOfService),
  ]);
}

/** The group without the aliases and www redirects of Ingresses that may not decide for the whole host. */
function ownedPart(group: Group, isolated: boolean): Group {
  const models = deciding(group.models, isolated);
  return models === group.models ? group : { ...group, ...wantedOf(group.host, models) };
}

export function sameBackend(a: BackendRef | null, b: BackendRef | null): boolean {
  return a?.namespace === b?.namespace && a?.service === b?.service && a?.port === b?.port;
}

/**
 * Whether only hosts with changes need a new plan: the plan of a host without aliases stays the same if its Ingresses,
 * Secrets and Services are unchanged.
 */
export function sameForAll(a: HostRules, b: HostRules): boolean {
  return (
    a.changedSecrets !== undefined &&
    a.changedServices !== undefined &&
    a.changedPool !== undefined &&
    a.settings === b.settings &&
    a.read === b.read &&
    a.options.strictPaths === b.options.strictPaths &&
    a.options.isolateNamespaces === b.options.isolateNamespaces &&
    a.options.redirectsToSlash === b.options.redirectsToSlash &&
    sameBackend(a.defaultBackend, b.defaultBackend) &&
    a.secureWildcards.size === b.secureWildcards.size &&
    [...a.secureWildcards].every((host) => b.secureWildcards.has(host)) &&
    a.passedWildcards.size === b.passedWildcards.size &&
    [...a.passedWildcards].every((host) => b.passedWildcards.has(host))
  );
}

/** The first port of the Service in --default-backend-service. */
function defaultBackend({ snapshot, options, settings }: EntryInput, problems: Problem[]): BackendRef | null {
  if (options.defaultBackendService === null) {
    const configMap = snapshot.ConfigMap.get(options.configMap);
    const lists = settings['custom-http-errors'].length > 0;
    if (lists && configMap !== undefined) problems.push(settingPagesOfNobody(configMap));
    return null;
  }
  const [namespace = '', service = ''] = options.defaultBackendService.split('/');
  const port = snapshot.Service.get(options.defaultBackendService)?.spec?.ports?.[0];
  if (port !== undefined) return { namespace, service, port: port.port };
  problems.push({
    code: 'missing-service',
    severity: 'notice',
    effect: 'default-backend',
    object: { kind: 'Service', namespace, name: service },
    message: 'the default backend Service does not exist or has no port; the built-in 404 is sent instead',
  });
  return null;
}
