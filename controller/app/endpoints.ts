/** The short way of an EndpointSlice change: the backends of that Service, nothing else. */
import { backendKey, resolveBackend, type ResolvedNames } from '../model/backends.ts';
import { renderBackend } from '../render/live.ts';
import type { Plan } from '../types/plan.ts';
import type { ObjectChange, Snapshot } from '../types/snapshot.ts';

const SERVICE = 'kubernetes.io/service-name';

/** Services whose slices changed; `before` knows those whose slice went. */
function servicesOf(changes: readonly ObjectChange[], before: Snapshot, after: Snapshot): Set<string> {
  const services = new Set<string>();
  for (const { key } of changes) {
    for (const slice of [before.EndpointSlice.get(key), after.EndpointSlice.get(key)]) {
      const name = slice?.metadata?.labels?.[SERVICE];
      if (name !== undefined) services.add(`${slice?.metadata?.namespace ?? ''}/${name}`);
    }
  }
  return services;
}

/** Whether nothing but endpoints changed. */
export function onlyEndpoints(changes: readonly ObjectChange[]): boolean {
  return changes.length > 0 && changes.every(({ kind }) => kind === 'EndpointSlice');
}

/** Keys and texts of the backends that these changes touch. */
export function changedBackends(
  plan: Plan,
  changes: readonly ObjectChange[],
  before: Snapshot,
  after: Snapshot,
  names: ResolvedNames,
): (readonly [string, string])[] {
  return [...servicesOf(changes, before, after)]
    .flatMap((service) => plan.backendsOfService.get(service) ?? [])
    .map((ref) => renderBackend(backendKey(ref), resolveBackend(ref, after, names).backend));
}
