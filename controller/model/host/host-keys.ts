/** Keys of live data that the routes of one host repeat. */
import type { BackendRef } from '../../types/plan.ts';
import type { ObjectRef } from '../../types/problem.ts';
import { backendKey } from '../contract/backend-key.ts';
import { keyOf } from '../contract/object-ref.ts';

export interface HostKeys {
  readonly ofBackend: (backend: BackendRef) => string;
  readonly ofIngress: (ingress: ObjectRef) => string;
}

/** Returns the same string for the same object: thousands of hosts hold theirs several times. */
export function hostKeys(): HostKeys {
  return { ofBackend: remembering(backendKey), ofIngress: remembering(keyOf) };
}

function remembering<T>(text: (object: T) => string): (object: T) => string {
  const known = new Map<T, string>();
  return (object) => {
    const found = known.get(object) ?? text(object);
    known.set(object, found);
    return found;
  };
}
