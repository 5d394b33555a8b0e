/** Updates the backends of a Service when only its EndpointSlices change, without a build. */
import { backendKey } from '../model/contract/backend-key.ts';
import { renderBackend } from '../render/live.ts';
import type { LiveBackend } from '../types/live.ts';
import type { ObjectChange, Snapshot } from '../types/snapshot.ts';
import type { Built, Overrides } from './build.ts';

const SERVICE = 'kubernetes.io/service-name';

/** Services whose EndpointSlices changed. Deleted slices are looked up in `before`. */
export function servicesOf(changes: readonly ObjectChange[], before: Snapshot, after: Snapshot): Set<string> {
  const services = new Set<string>();
  for (const { kind, key } of changes) {
    if (kind !== 'EndpointSlice') continue;
    for (const slice of [before.EndpointSlice.get(key), after.EndpointSlice.get(key)]) {
      const name = slice?.metadata?.labels?.[SERVICE];
      if (name !== undefined) services.add(`${slice?.metadata?.namespace ?? ''}/${name}`);
    }
  }
  return services;
}

/** Whether only endpoints changed. */
export function onlyEndpoints(changes: readonly ObjectChange[]): boolean {
  return changes.length > 0 && changes.every(({ kind }) => kind === 'EndpointSlice');
}

/** A backend of the Plan with the endpoints of a newer Snapshot. */
export interface NewerBackend {
  /** The backend's key in the live data, and its JSON text. */
  readonly entry: readonly [string, string];
  readonly backend: LiveBackend;
}

/**
 * The Plan's backends for these Services, with the endpoints of `newest`. A backend that cannot be resolved or rendered
 * is omitted, and its key is passed to `failed`.
 */
export function newerBackends(
  { plan, resolve }: Built,
  services: Iterable<string>,
  newest: Snapshot,
  { resolvedNames }: Overrides,
  failed: (key: string) => void,
): NewerBackend[] {
  return [...services]
    .flatMap((service) => plan.backendsOfService.get(service) ?? [])
    .flatMap((ref) => {
      const key = backendKey(ref);
      try {
        const backend = resolve(ref, newest, resolvedNames);
        return [{ entry: renderBackend(key, backend), backend }];
      } catch {
        failed(key);
        return [];
      }
    });
}
