/** The Service ports behind the keys of backends. */
import type { BackendRef, Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { BackendItem } from '../schema/backends.ts';

export type BackendNames = ReadonlyMap<string, BackendRef>;

/** How many Services are read in one step. */
const STRIDE = 64;

/** Key → Service port, for all backends of a Plan. */
export function* backendNames(
  services: Plan['backendsOfService'],
  backendKey: (ref: BackendRef) => string,
): Steps<BackendNames> {
  const names = new Map<string, BackendRef>();
  let count = 0;
  for (const refs of services.values()) {
    for (const ref of refs) names.set(backendKey(ref), ref);
    count += 1;
    if (count % STRIDE === 0) yield;
  }
  return names;
}

/** A backend for an answer. A key that belongs to no Service port is shown as the name of the Service. */
export function servicePortOf(key: string, names: BackendNames): BackendItem['backend'] {
  const ref = names.get(key);
  if (ref === undefined) return { namespace: '', service: key, port: '', viaService: false };
  const { namespace, service, port, viaService = false, outside = false } = ref;
  return { namespace: outside ? '' : namespace, service, port, viaService };
}
