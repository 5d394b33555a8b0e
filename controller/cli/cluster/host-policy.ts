/** Checks that the owners of hosts are known before anything is served. */
import type { Snapshot } from '../../types/snapshot.ts';
import { hasEntries } from '../../model/owners/claim-texts.ts';
import type { Arguments } from '../flag-values.ts';

/**
 * Returns why startup must be aborted: the ConfigMap of --host-policy-configmap does not exist, or has no entry. NGINX,
 * and the Pods of an earlier version, keep serving what they serve; without an entry, no host could be served.
 */
export function missingHostPolicy(
  { hostOwnership, hostPolicyConfigmap: key }: Pick<Arguments<'controller'>, 'hostOwnership' | 'hostPolicyConfigmap'>,
  { ConfigMap }: Pick<Snapshot, 'ConfigMap'>,
): string | undefined {
  if (hostOwnership !== 'configmap') return undefined;
  const configMap = ConfigMap.get(key);
  if (configMap !== undefined && hasEntries(configMap)) return undefined;
  const [namespace = '', name = ''] = key.split('/');
  if (configMap !== undefined)
    return `--host-policy-configmap: ConfigMap ${key} has no entry; add one (shop: shop.example.com), or set --host-ownership=off`;
  const create = `kubectl --namespace ${namespace} create configmap ${name} --from-literal=shop=shop.example.com`;
  return `--host-policy-configmap: ConfigMap ${key} does not exist; create it (${create})`;
}
