/** The Service ports that the locations of one host need. */
import type { BackendRef } from '../../../types/plan.ts';
import type { Canary } from '../canaries.ts';
import type { PathClaim } from '../paths/claims.ts';
import type { Guard } from '../guards.ts';
import type { HostInput } from '../host-input.ts';
import type { HostKeys } from '../host-keys.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';
import type { Unmatched } from '../unmatched.ts';

export interface ServedBackend {
  readonly ref: BackendRef;
  /** Key in the live data, without the prefix `b:`. */
  readonly key: string;
  readonly model: IngressModel | undefined;
  readonly path: PathModel | undefined;
  /** What uses the port; `path` also stands for default backends. */
  readonly use: 'path' | 'canary' | 'mirror' | 'auth';
}

/** Everything in a host that may refer to a Service port. */
export interface Serving {
  readonly claims: readonly PathClaim[];
  readonly rest: Unmatched;
  readonly canaries: Iterable<readonly Canary[]>;
  readonly guards: readonly Guard[];
  /** The path whose backend gets the TLS connections for the host, if NGINX does not decrypt them. */
  readonly passed: { readonly claim: PathClaim } | undefined;
}

/**
 * Whether requests for a path reach its backend. If the path is redirected, they do not, and its Service need not
 * exist.
 */
export function isAsked({ settings }: Pick<PathModel, 'settings'>): boolean {
  return settings.route.redirect === undefined;
}

/**
 * Lists each Service port once. If a port has several uses, `use` is the first of them in this order: path, canary,
 * mirror, external authentication.
 */
export function servedBackends(
  { host, models, defaultBackend }: HostInput,
  { claims, rest, canaries, guards, passed }: Serving,
  keys: HostKeys,
): readonly ServedBackend[] {
  const backends = new Map<string, ServedBackend>();
  const serve = (
    ref: BackendRef,
    model: IngressModel | undefined,
    path: PathModel | undefined,
    use: ServedBackend['use'] = 'path',
  ): void => {
    const key = keys.ofBackend(ref);
    if (!backends.has(key)) backends.set(key, { ref, key, model, path, use });
  };
  const settled = [
    ...claims.map(({ model, path }) => ({ owner: model, settings: path.settings })),
    { owner: rest.owner, settings: rest.settings },
  ];
  for (const { model, path } of claims) if (isAsked(path)) serve(path.backend, model, path);
  // TLS connections reach the backend even if requests over plain HTTP are redirected.
  if (passed !== undefined) serve(passed.claim.path.backend, passed.claim.model, passed.claim.path);
  if (rest.backend !== null) serve(rest.backend, rest.owner, undefined);
  for (const { settings } of settled)
    if (settings.fallback !== undefined) serve(settings.fallback, undefined, undefined);
  // Error pages of any host may come from the default backend.
  if (host === '' && defaultBackend !== null) serve(defaultBackend, undefined, undefined);
  for (const each of [...canaries].flat()) serve(each.path.backend, each.model, each.path, 'canary');
  for (const { owner, settings } of settled)
    if (owner !== undefined && settings.mirror !== undefined)
      serve(settings.mirror.backend, owner, undefined, 'mirror');
  for (const { owner, asks } of guards) {
    const model = models.find(({ ref }) => ref === owner);
    if (asks !== undefined) serve(asks.backend, model, undefined, 'auth');
  }
  return [...backends.values()];
}
