/** Plans one host completely, and reuses the parts of the previous build's result that are still valid. */
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import type { Group } from './groups.ts';
import { type HostBackends, resolveHost } from './backends/host-backends.ts';
import { certificatesOf, type HostCertificates } from './names/host-certificates.ts';
import type { HostInput } from './host-input.ts';
import { type PassthroughNames, passthroughNames } from './passthrough.ts';
import { type HostOutput, planHost } from './host-plan.ts';
import { type HostRules, sameBackend } from './host-rules.ts';
import { deciding } from './paths/shared-host.ts';
import { type HostNames, ownNames, wildcardOf } from './names/server-names.ts';
import { NO_POOL, namesAsked } from '../certificates/pool.ts';
import { type HostTls, hostTls } from '../certificates/tls.ts';

/** The result for one host. The object and its parts remain the same as long as their inputs do not change. */
export interface HostResult {
  readonly group: Group;
  readonly names: HostNames;
  readonly tls: HostTls | undefined;
  /** The name that from-to-www-redirect redirects to the host. */
  readonly www: string | undefined;
  /** TLS of the redirected name. */
  readonly wwwTls: HostTls | undefined;
  readonly tlsProblems: readonly Problem[];
  /** Names for which a certificate of the pool would be used. */
  readonly pooled: readonly string[];
  readonly output: HostOutput;
  readonly passthrough: PassthroughNames;
  readonly certificates: HostCertificates;
  readonly backends: HostBackends;
  readonly input: HostInput;
}

/** Plans one host. `was`: the result of the previous build for the same host. */
export function* hostResult(group: Group, rules: HostRules, was: HostResult | undefined): Steps<HostResult> {
  const { host } = group;
  const names = namesOf(host, rules, was);
  const www = rules.wwwNames.get(host);
  const { tls, wwwTls, tlsProblems, pooled } = secureHost(group, www, rules, was);
  if (tls !== undefined && host.startsWith('*.')) rules.secureWildcards.add(host);
  const { input, output } = yield* planOnce(inputOf(group, names, { tls: tls !== undefined, www }, rules), was);
  const kept = was !== undefined && was.tls === tls && was.names === names && was.www === www && was.wwwTls === wwwTls;
  const certificates = kept ? was.certificates : certificatesOf({ host, tls, www, wwwTls }, names, rules);
  const backends = yield* resolveHost(output, rules, was);
  const passthrough = passThroughNames(host, output, { names, www }, rules, was);
  const same =
    kept &&
    was.group === group &&
    was.tlsProblems === tlsProblems &&
    was.pooled === pooled &&
    was.output === output &&
    was.passthrough === passthrough &&
    was.backends === backends;
  if (same) return was;
  return { group, names, tls, www, wwwTls, tlsProblems, pooled, input, output, passthrough, certificates, backends };
}

/** The entries of the previous build, if they are equal. Adds a wildcard host to `passedWildcards`. */
function passThroughNames(
  host: string,
  { passed }: HostOutput,
  { names, www }: Pick<HostResult, 'names' | 'www'>,
  { passedWildcards }: HostRules,
  was: HostResult | undefined,
): PassthroughNames {
  if (passed !== undefined && host.startsWith('*.')) passedWildcards.add(host);
  const now = passthroughNames(host, passed, names, www, passedWildcards);
  return was !== undefined && isDeepStrictEqual(now, was.passthrough) ? was.passthrough : now;
}

function namesOf(host: string, { aliased }: HostRules, was: HostResult | undefined): HostNames {
  const names = aliased.get(host);
  if (names === undefined) return was?.names.names.length === 1 ? was.names : ownNames(host);
  const known = was?.names;
  const same =
    known !== undefined &&
    known.names.length === names.names.length &&
    known.names.every(({ kind, text }, index) => kind === names.names[index]?.kind && text === names.names[index].text);
  return same ? known : names;
}

type Secure = Pick<HostResult, 'tls' | 'wwwTls' | 'tlsProblems' | 'pooled'>;

const NOT_POOLED: readonly string[] = [];

function secureHost(group: Group, www: string | undefined, rules: HostRules, was: HostResult | undefined): Secure {
  const { isolateNamespaces } = rules.options;
  const sameRules = was?.input.isolateNamespaces === isolateNamespaces && !readsChanged(group, was.pooled, rules);
  if (was?.group === group && was.www === www && sameRules) return was;
  const models = deciding(group.models, isolateNamespaces);
  const tlsProblems: Problem[] = [];
  const tls = group.tls ? hostTls(group.host, models, rules, tlsProblems) : undefined;
  const wwwTls = group.tls && www !== undefined ? hostTls(www, models, rules, tlsProblems) : undefined;
  const pooled = group.tls && rules.pool !== NO_POOL ? [group.host, www ?? ''].flatMap(namesAsked) : NOT_POOLED;
  const secure = { tls, wwwTls, tlsProblems, pooled };
  return was !== undefined && sameSecure(was, secure) ? was : secure;
}

function sameSecure(a: Secure, b: Secure): boolean {
  return (
    sameTls(a.tls, b.tls) &&
    sameTls(a.wwwTls, b.wwwTls) &&
    sameItems(a.pooled, b.pooled) &&
    a.tlsProblems.length === 0 &&
    b.tlsProblems.length === 0
  );
}

/** Whether a Secret changed to which the host's Ingresses refer, or the pool's certificate for a name of the host. */
function readsChanged(group: Group, pooled: readonly string[], { changedSecrets, changedPool }: HostRules): boolean {
  return readsSecretOf(group, changedSecrets) || pooled.some((name) => changedPool?.has(name) !== false);
}

/** Whether a Secret to which the host's Ingresses refer is in `changed`; true if the changes are not known. */
function readsSecretOf({ members }: Group, changed: HostRules['changedSecrets']): boolean {
  if (changed === undefined) return true;
  return changed.size > 0 && members.some(({ secrets }) => secrets.some((key) => changed.has(key)));
}

function sameTls(a: HostTls | undefined, b: HostTls | undefined): boolean {
  return a?.certificate === b?.certificate && a?.leaf === b?.leaf;
}

function inputOf(
  group: Group,
  names: HostNames,
  { tls, www }: { readonly tls: boolean; readonly www: string | undefined },
  rules: HostRules,
): HostInput {
  const { secureWildcards, settings, read, defaultBackend } = rules;
  const secure = tls || (secureWildcards.size > 0 && secureWildcards.has(wildcardOf(group.host)));
  return {
    host: group.host,
    models: group.models,
    canaries: group.canaries,
    www,
    names: names.names,
    tls: !secure ? 'none' : names.names.length > 1 ? 'named' : 'always',
    settings,
    read,
    strictPaths: rules.options.strictPaths,
    isolateNamespaces: rules.options.isolateNamespaces,
    redirectsToSlash: rules.options.redirectsToSlash,
    defaultBackend,
  };
}

function* planOnce(input: HostInput, was: HostResult | undefined): Steps<Pick<HostResult, 'input' | 'output'>> {
  return was !== undefined && sameInput(was.input, input) ? was : { input, output: yield* planHost(input) };
}

function sameInput(a: HostInput, b: HostInput): boolean {
  return (
    a.tls === b.tls &&
    a.settings === b.settings &&
    a.read === b.read &&
    a.strictPaths === b.strictPaths &&
    a.isolateNamespaces === b.isolateNamespaces &&
    a.redirectsToSlash === b.redirectsToSlash &&
    a.names === b.names &&
    a.www === b.www &&
    sameItems(a.models, b.models) &&
    sameItems(a.canaries, b.canaries) &&
    sameBackend(a.defaultBackend, b.defaultBackend)
  );
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
