/** TLS passthrough: which Service port gets the TLS connections for a host, undecrypted. */
import type { LivePassthrough } from '../../types/live.ts';
import type { LiveSources } from '../../types/live-sources.ts';
import type { BackendRef } from '../../types/plan.ts';
import { type Problem, shorten } from '../../types/problem.ts';
import { backendKey } from '../contract/backend-key.ts';
import { annotationField } from '../features/annotations.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { HostInput } from './host-input.ts';
import { type HostNames, wildcardOf } from './names/server-names.ts';
import { passedSources } from './passed-sources.ts';
import type { PathClaim } from './paths/claims.ts';

const KEY = 'ssl-passthrough';

/** Where the TLS connections for a host go; `closed`: NGINX closes them, because the path `/` answers 503. */
export type PassedTo = PassedBackend | 'closed';

export interface PassedBackend {
  readonly backend: BackendRef;
  /** `namespace/name` of the Ingress with the path. */
  readonly ingress: string;
  /** Access lists, each of which may deny a client. */
  readonly sources: readonly LiveSources[];
}

/**
 * Undefined if NGINX terminates TLS for the host. As in ingress-nginx, one Ingress with the annotation suffices.
 * `isDenied`: whether a path answers 503 to all requests.
 */
export function passThrough(
  { host, models, settings }: Pick<HostInput, 'host' | 'models' | 'settings'>,
  claims: readonly PathClaim[],
  isDenied: (claim: PathClaim) => boolean,
  problems: Problem[],
): { readonly to: PassedTo; readonly claim: PathClaim } | undefined {
  const asking = models.filter((model) => model.host.passthrough === true);
  if (asking.length === 0) return undefined;
  const roots = claims.filter(({ path }) => path.text === '/');
  const claim = roots.find(({ path }) => path.type === 'Prefix') ?? roots[0];
  if (host === '') {
    const message = 'TLS passthrough needs a host: for rules without a host, NGINX terminates TLS';
    problems.push(...asking.map((model) => ignored(model, message, host)));
    return undefined;
  }
  if (claim === undefined) {
    const message = `host ${host} has no path /, whose Service would get its TLS connections: NGINX terminates TLS`;
    problems.push(...asking.map((model) => ignored(model, message, host)));
    return undefined;
  }
  for (const model of models) problems.push(...lostPaths(model, host, claim), ...lostGuards(model, host, claim));
  const { backend, settings: location } = claim.path;
  if (isDenied(claim)) return { to: 'closed', claim };
  const { namespace, name } = claim.model.ref;
  return { to: { backend, ingress: `${namespace}/${name}`, sources: passedSources(location, settings) }, claim };
}

function ignored({ ref, prefix }: IngressModel, message: string, host: string): Problem {
  return {
    code: KEY,
    severity: 'warning',
    effect: 'ignored-key',
    object: ref,
    field: annotationField(`${prefix}/${KEY}`),
    value: shorten(host),
    message,
    example: `{ host: ${host === '' ? 'shop.example.com' : host}, http: { paths: [{ path: /, pathType: Prefix, … }] } }`,
  };
}

/** Paths that clients reach only over plain HTTP. */
function lostPaths({ ref, hosts }: IngressModel, host: string, { path: root }: PathClaim): readonly Problem[] {
  const lost = (hosts.get(host) ?? []).filter((path) => path !== root && path.text !== '/');
  const [first] = lost;
  if (first === undefined) return [];
  const more = lost.length === 1 ? '' : ` and ${lost.length - 1} more`;
  return [
    {
      code: `${KEY}-paths`,
      severity: 'warning',
      effect: 'none',
      object: ref,
      field: [...first.field, 'path'],
      value: shorten(first.text),
      message:
        `path ${shorten(first.text)}${more} of host ${host} is served over plain HTTP only: with ssl-passthrough, all ` +
        'TLS connections go to the Service of the path /',
    },
  ];
}

/** Annotations that guard access, and that NGINX cannot apply to connections that it does not decrypt. */
const GUARDS = [
  'auth-type',
  'auth-url',
  'auth-tls-secret',
  'enable-modsecurity',
  'limit-connections',
  'limit-rps',
  'limit-rpm',
  'satisfy',
] as const;

function lostGuards({ ref, prefix, ingress, hosts }: IngressModel, host: string, claim: PathClaim): readonly Problem[] {
  const written = ingress.metadata?.annotations ?? {};
  const own = GUARDS.filter((name) => (written[`${prefix}/${name}`] ?? '') !== '');
  const isGlobal = claim.path.settings.externalAuth?.source === 'global-auth-url';
  const lost = [...own, ...(isGlobal ? ['global-auth-url of the ConfigMap'] : [])];
  // The value of auth-url may contain a password.
  const shown = own.find((name) => name !== 'auth-url') ?? KEY;
  if (lost.length === 0 || !(hosts.get(host) ?? []).includes(claim.path)) return [];
  return [
    {
      code: `${KEY}-guards`,
      severity: 'warning',
      effect: 'none',
      object: ref,
      field: annotationField(`${prefix}/${shown}`),
      value: shorten(written[`${prefix}/${shown}`] ?? ''),
      message:
        `with ssl-passthrough, NGINX applies ${lost.join(', ')} to plain HTTP for host ${host} only: the backend itself ` +
        'must check TLS clients',
    },
  ];
}

/** What njs does with a TLS connection, by the server name that the client asks for: one entry for each name. */
export type PassthroughNames = readonly (readonly [name: string, LivePassthrough])[];

export const NO_PASSTHROUGH: PassthroughNames = [];

function liveOf({ backend, ingress, sources }: PassedBackend): LivePassthrough {
  return { backend: backendKey(backend), ingress, ...(sources.length > 0 && { sources }) };
}

/**
 * The entries of a host. An exact name whose TLS NGINX terminates needs an entry only below a wildcard host that is
 * passed through. `www`: the name that is redirected to the host; NGINX always answers for it.
 */
export function passthroughNames(
  host: string,
  to: PassedTo | undefined,
  { aliases }: HostNames,
  www: string | undefined,
  passedWildcards: ReadonlySet<string>,
): PassthroughNames {
  const ownAnswer = (name: string | undefined): PassthroughNames =>
    name !== undefined && passedWildcards.has(wildcardOf(name)) ? [[name, 'terminated']] : NO_PASSTHROUGH;
  if (to === undefined) {
    if (passedWildcards.size === 0 || host === '' || host.startsWith('*.')) return NO_PASSTHROUGH;
    return [host, ...aliases, www].flatMap(ownAnswer);
  }
  const passed = to === 'closed' ? to : liveOf(to);
  return [...[host, ...aliases].map((name) => [name, passed] as const), ...ownAnswer(www)];
}
