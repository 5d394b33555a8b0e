/** The cluster of TIDEGATE_E2E_KUBECONFIG if it permits its use, otherwise our own kube-apiserver. */
import { join } from 'node:path';
import { findAssets } from '../apiserver/assets.ts';
import { findForeign, VARIABLE } from '../apiserver/foreign.ts';
import { startRealServer } from '../apiserver/real.ts';

export interface AnyCluster {
  /** For a user who may create namespaces. */
  readonly kubeconfig: string;
  /** For messages. */
  readonly description: string;
  stop(): Promise<void>;
}

/** Reports on standard error why a named cluster is not used. Returns a text if there is none at all. */
export async function openAnyCluster(folder: string): Promise<AnyCluster | string> {
  const foreign = await findForeign(process.env[VARIABLE], folder);
  if (foreign !== undefined && 'server' in foreign)
    return { ...foreign, description: `the cluster ${foreign.server}`, stop: async () => undefined };
  if (foreign !== undefined) console.error(`${foreign.refused}\nthe tests use a kube-apiserver of their own`);
  const assets = findAssets();
  if ('missing' in assets) return assets.missing;
  const server = await startRealServer(assets.folder);
  const kubeconfig = join(folder, 'own');
  server.writeKubeconfig(kubeconfig);
  return { kubeconfig, description: 'a kube-apiserver of our own', stop: () => server.stop() };
}
