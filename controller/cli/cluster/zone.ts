/** `--enable-topology-aware-routing`: the zone of the node that this pod runs on. */
import { readZone } from '../../cluster/index.ts';
import type { OwnPod } from '../../report/own-pod.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Arguments } from '../flag-values.ts';

/** The own zone; undefined where the flag is not given, or (said through `warn`) where the zone cannot be known. */
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
          unknown:
            'the node of the own pod is not known; POD_NAME and POD_NAMESPACE have to name a pod that can be read',
        }
      : await readZone(api, pod.nodeName);
  if ('zone' in found) return found.zone;
  warn(`--enable-topology-aware-routing has no effect, endpoints of all zones are used: ${found.unknown}`);
  return undefined;
}
