/** What most fault tests start with: a cluster with sites, and one pod of the controller that serves all of them. */
import type { EmulatorOptions } from '../apiserver/emulator.ts';
import { until, untilOnlyNewest } from '../runner/instance.ts';
import { untilAnswered } from './answers.ts';
import { startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

export interface Serving {
  readonly cluster: Cluster;
  readonly pod: Pod;
}

/**
 * Starts a cluster. Waits until a pod of every site has responded and every status is written, so that no change is
 * pending when the test begins. `podsEach` is the number of pods of each site.
 */
export async function startServing(
  sites: readonly string[],
  podsEach: number,
  options: EmulatorOptions = {},
): Promise<Serving> {
  const cluster = await startCluster(options);
  try {
    for (const site of sites) cluster.addSite(site, podsEach);
    const pod = await cluster.startPod();
    await pod.ready();
    for (const site of sites) await untilAnswered(pod, site, cluster.addresses(site));
    // Waits until the workers with which NGINX started have stopped.
    await untilOnlyNewest(pod.runDir);
    const written = () => sites.every((site) => statusOf(cluster.emulator, site) !== '');
    await until('every status is written', written, 15_000);
    return { cluster, pod };
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
}
