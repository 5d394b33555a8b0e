/** What every host depends on besides its own Ingresses. */
import type { BackendRef } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import type { EntryInput } from '../ingress/entries.ts';
import { type Group, type Groups, isHost, wantedOf } from './groups.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import { sameOptions } from '../contract/options.ts';
import { settingPagesOfNobody } from '../ingress/pages-without-backend.ts';
import { type HostNames, nameHosts } from './names/server-names.ts';
import { deciding } from './paths/shared-host.ts';
import { nameWww } from './names/www-names.ts';

export interface HostRules extends EntryInput {
  /** Names of the hosts with aliases. */
  readonly aliased: ReadonlyMap<string, HostNames>;
  /** Host with from-to-www-redirect → its other name. */
  readonly wwwNames: ReadonlyMap<string, string>;
  readonly defaultBackend: BackendRef | null;
  /** Variables that texts of the settings read. */
  readonly read: ReadonlySet<string>;
  /** Wildcard hosts with TLS; filled while hosts are planned, wildcards first. */
  readonly secureWildcards: Set<string>;
  /** The previous build had the very same Secrets, and the same certificates had expired. */
  readonly sameSecrets: boolean;
  /** The previous build had the very same Services, EndpointSlices and addresses of names. */
  readonly sameEndpoints: boolean;
}

/** `before`: the input of the previous build; `special`: the groups with aliases or from-to-www-redirect. */
export function* hostRules(
  input: EntryInput,
  before: EntryInput | undefined,
  { groups, special, read }: { readonly groups: Groups; readonly special: readonly Group[] } & Pick<HostRules, 'read'>,
  problems: { readonly names: Problem[]; readonly defaultBackend: Problem[] },
): Steps<HostRules> {
  const { snapshot, options } = input;
  const aliased = new Map<string, IngressModel>();
  const owned = special.map((group) => ownedPart(group, options.isolateNamespaces));
  for (const { host, aliased: model } of owned) if (model !== undefined) aliased.set(host, model);
  const named = (host: string): boolean => isHost(groups, host);
  const wwwNames = nameWww(owned, named, problems.names);
  const rest = { owner: groups.get('')?.models[0], isolated: options.isolateNamespaces };
  return {
    ...input,
    wwwNames,
    read,
    aliased: yield* nameHosts(aliased, named, new Set(wwwNames.values()), rest, problems.names),
    defaultBackend: defaultBackend(input, problems.defaultBackend),
    secureWildcards: new Set(),
    sameSecrets:
      before?.snapshot.Secret === snapshot.Secret &&
      before.options.keptSecrets === options.keptSecrets &&
      before.options.now === options.now,
    sameEndpoints:
      before !== undefined &&
      before.snapshot.Service === snapshot.Service &&
      before.snapshot.slicesOfService === snapshot.slicesOfService &&
      sameOptions(before.options, options, [
        'quarantine',
        'intermediates',
        'keptSecrets',
        'lastGood',
        'settingTexts',
        'now',
      ]),
  };
}

/** The group with what its Ingresses want, as far as they may decide for the whole host. */
function ownedPart(group: Group, isolated: boolean): Group {
  const models = deciding(group.models, isolated);
  return models === group.models ? group : { ...group, ...wantedOf(group.host, models) };
}

export function sameBackend(a: BackendRef | null, b: BackendRef | null): boolean {
  return a?.namespace === b?.namespace && a?.service === b?.service && a?.port === b?.port;
}

/** Whether a host without aliases, whose Ingresses are unchanged, has an unchanged plan. */
export function sameForAll(a: HostRules, b: HostRules): boolean {
  return (
    a.sameSecrets &&
    a.sameEndpoints &&
    a.settings === b.settings &&
    a.read === b.read &&
    a.options.strictPaths === b.options.strictPaths &&
    a.options.isolateNamespaces === b.options.isolateNamespaces &&
    a.options.redirectsToSlash === b.options.redirectsToSlash &&
    sameBackend(a.defaultBackend, b.defaultBackend) &&
    a.secureWildcards.size === b.secureWildcards.size &&
    [...a.secureWildcards].every((host) => b.secureWildcards.has(host))
  );
}

/** First port of the default backend Service. */
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
    message: 'the default backend Service does not exist or has no port; the built-in 404 answers',
  });
  return null;
}
