/** Finds the zone of this Pod's node, for `--enable-topology-aware-routing`. */
import { readZone } from '../../cluster/index.ts';
import type { OwnPod } from '../../report/own-pod.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Arguments } from '../flag-values.ts';

/**
 * Returns the zone of this Pod's node. Returns undefined without the flag. If the zone is unknown, calls `warn` and
 * returns undefined.
 */
export async function ownZone(
  flags: Arguments<'controller'>,
  api: ApiClient,
  pod: OwnPod | undefined,
  warn: (message: string) => void,
): Promise<string | undefined> {
  if (!flags.enableTopologyAwareRouting) return undefined;
  const found =
    pod?.nodeName === undefined
      ? {
          unknown: 'the node of this pod is unknown; POD_NAME and POD_NAMESPACE must name a readable pod',
        }
      : await readZone(api, pod.nodeName);
  if ('zone' in found) return found.zone;
  warn(`--enable-topology-aware-routing has no effect, so endpoints of all zones are used: ${found.unknown}`);
  return undefined;
}
