/** Strings that occur many times in the routes of one host: keys of backends and names of Ingresses. */
import type { BackendRef } from '../../types/plan.ts';
import type { ObjectRef } from '../../types/problem.ts';
import { backendKey } from '../contract/backend-key.ts';
import { keyOf } from '../contract/object-ref.ts';

export interface HostKeys {
  readonly ofBackend: (backend: BackendRef) => string;
  readonly ofIngress: (ingress: ObjectRef) => string;
}

/** For the same object, the same string object is returned, which saves memory when there are thousands of hosts. */
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
