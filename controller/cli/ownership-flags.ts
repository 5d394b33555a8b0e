/** Checks that the flags about the owners of hosts fit together. */
import type { Arguments } from './flag-values.ts';

/** Why the flags of a command cannot be used together; undefined if they can. */
export function ownershipFault({
  hostOwnership,
  hostPolicyConfigmap,
}: Pick<Arguments<'controller'>, 'hostOwnership' | 'hostPolicyConfigmap'>): string | undefined {
  if (hostOwnership === 'configmap' && hostPolicyConfigmap === '')
    return '--host-ownership=configmap needs --host-policy-configmap; write for example --host-policy-configmap=ingress-nginx/hosts';
  if (hostOwnership !== 'configmap' && hostPolicyConfigmap !== '')
    return `--host-policy-configmap has no effect with --host-ownership=${hostOwnership}; write --host-ownership=configmap`;
  return undefined;
}
