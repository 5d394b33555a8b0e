/** The route of a location: the part of its configuration that Lua reads, and that changes without a reload. */
import type { LiveCanary } from '../../../types/live.ts';
import type { LiveRoute } from '../../../types/live-route.ts';
import type { LiveSnippet } from '../../../types/live-snippet.ts';
import type { BackendRef } from '../../../types/plan.ts';
import type { ObjectRef } from '../../../types/problem.ts';
import type { Canary } from '../canaries.ts';
import { isExempt } from '../../settings/exempt-paths.ts';
import type { Guard } from '../guards.ts';
import type { HostInput } from '../host-input.ts';
import type { HostKeys } from '../host-keys.ts';
import type { LocationSettings } from '../../features/location-settings.ts';
import { triesOf } from '../../values/retries.ts';

/** What the routes of one host have in common. */
export interface RouteHost extends Pick<HostInput, 'host' | 'tls' | 'settings' | 'read'> {
  readonly keys: HostKeys;
  /** Target of the redirect for requests to `/` (app-root). */
  readonly appRoot: string | undefined;
}

export interface RouteInput {
  readonly settings: LocationSettings;
  /** The Ingress of the path; undefined if the path belongs to no Ingress. */
  readonly owner: ObjectRef | undefined;
  /** Null if no request reaches a backend. */
  readonly backend: BackendRef | null;
  /** The path as written in the Ingress. */
  readonly path: string;
  /** If not null, the location redirects to its own path with a trailing slash. */
  readonly slashRedirect: string | null;
  readonly canaries: readonly Canary[];
}

/** The route of a location; `guard` and `snippet` are undefined if the location has none. */
export function routeOf(
  { settings, owner, backend, path, slashRedirect, canaries }: RouteInput,
  around: RouteHost,
  guard: Guard | undefined,
  snippet: LiveSnippet | undefined,
): LiveRoute {
  const { keys, appRoot, settings: ofAll } = around;
  return {
    backend: backend === null ? null : keys.ofBackend(backend),
    ingress: owner === undefined ? '' : keys.ofIngress(owner),
    path,
    tlsRedirect: tlsRedirect(around, settings, path),
    tries: triesOf(ofAll['proxy-next-upstream'], ofAll['proxy-next-upstream-tries']),
    balance: ofAll['load-balance'],
    ...settings.route,
    ...guard?.route,
    ...(snippet === undefined ? {} : { snippet }),
    ...(appRoot === undefined ? {} : { appRoot }),
    ...(slashRedirect === null ? {} : { slashRedirect }),
    ...(settings.rewrite === undefined ? {} : { rewrite: settings.rewrite }),
    ...(canaries.length === 0 ? {} : { canaries: canaries.map((each) => canaryOf(each, around)) }),
    ...(settings.fallback !== undefined && { fallback: keys.ofBackend(settings.fallback) }),
    ...(settings.fallback !== undefined && settings.errorPages === true && { errorsToFallback: true }),
  };
}

function canaryOf({ path, rules }: Canary, { keys, settings }: RouteHost): LiveCanary {
  const { balance = settings['load-balance'], hashBy } = path.settings.route;
  return { backend: keys.ofBackend(path.backend), balance, ...(hashBy === undefined ? {} : { hashBy }), ...rules };
}

function tlsRedirect(around: RouteHost, settings: LocationSettings, path: string): LiveRoute['tlsRedirect'] {
  if (isExempt(path, around.settings, 'no-tls-redirect-locations')) return 'never';
  if (settings.tlsRedirect.forced) return 'always';
  if (!settings.tlsRedirect.wanted || around.host === '' || around.tls === 'none') return 'never';
  return around.tls;
}
