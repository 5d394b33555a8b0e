/** The Secrets whose certificates a Plan may serve. */
import type { Plan } from '../types/plan.ts';
import type { ObjectKey } from '../types/snapshot.ts';

type Named = Pick<Plan, 'secrets' | 'pooledSecrets'>;

let last: (Named & { readonly all: ReadonlySet<ObjectKey> }) | undefined;

/** `namespace/name` of the Secrets that Ingresses and flags name, and of those in the pool of certificates. */
export function certificateSecrets({ secrets, pooledSecrets }: Named): ReadonlySet<ObjectKey> {
  if (pooledSecrets.size === 0) return secrets;
  if (last?.secrets !== secrets || last.pooledSecrets !== pooledSecrets)
    last = { secrets, pooledSecrets, all: new Set([...secrets, ...pooledSecrets]) };
  return last.all;
}
