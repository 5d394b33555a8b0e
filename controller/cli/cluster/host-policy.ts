/** Checks that the owners of hosts are known before anything is served. */
import type { Snapshot } from '../../types/snapshot.ts';
import type { Arguments } from '../flag-values.ts';

/**
 * Returns why startup must be aborted: the ConfigMap of --host-policy-configmap does not exist. NGINX, and the Pods of an
 * earlier version, keep serving what they serve; without the ConfigMap, no host could be served.
 */
export function missingHostPolicy(
  { hostOwnership, hostPolicyConfigmap: key }: Pick<Arguments<'controller'>, 'hostOwnership' | 'hostPolicyConfigmap'>,
  { ConfigMap }: Pick<Snapshot, 'ConfigMap'>,
): string | undefined {
  if (hostOwnership !== 'configmap' || ConfigMap.has(key)) return undefined;
  const [namespace = '', name = ''] = key.split('/');
  return `--host-policy-configmap: ConfigMap ${key} does not exist; create it (kubectl --namespace ${namespace} create configmap ${name})`;
}
