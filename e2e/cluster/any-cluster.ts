/**
 * The cluster of TIDEGATE_E2E_KUBECONFIG if that cluster allows tests, otherwise a kube-apiserver that the test starts.
 */
import { join } from 'node:path';
import { findAssets } from '../apiserver/assets.ts';
import { findForeign, VARIABLE } from '../apiserver/foreign.ts';
import { startRealServer } from '../apiserver/real.ts';

export interface AnyCluster {
  /** The kubeconfig of a user who may create namespaces. */
  readonly kubeconfig: string;
  /** A description of the cluster for messages. */
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * Opens a cluster. If TIDEGATE_E2E_KUBECONFIG names a cluster that cannot be used, prints the reason to standard error.
 * If there is no kube-apiserver either, returns a string that says so.
 */
export async function openAnyCluster(folder: string): Promise<AnyCluster | string> {
  const foreign = await findForeign(process.env[VARIABLE], folder);
  if (foreign !== undefined && 'server' in foreign)
    return { ...foreign, description: `the cluster ${foreign.server}`, stop: async () => undefined };
  if (foreign !== undefined) console.error(`${foreign.refused}\nthe tests start their own kube-apiserver instead`);
  const assets = findAssets();
  if ('missing' in assets) return assets.missing;
  const server = await startRealServer(assets.folder);
  const kubeconfig = join(folder, 'own');
  server.writeKubeconfig(kubeconfig);
  return { kubeconfig, description: 'a kube-apiserver that the test started', stop: () => server.stop() };
}
