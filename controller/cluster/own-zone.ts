/** Reads the zone of a node. If zone hints are followed, the zone decides which endpoints are near. */
import type { V1Node } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import { errorText } from '../types/error-text.ts';

/** A well-known label of Kubernetes, which the cloud provider or an administrator sets. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

const TIMEOUT_MS = 10_000;

/** Returns the zone, or the reason why it is unknown, as a sentence without a full stop. Never rejects. */
export async function readZone(
  api: ApiClient,
  nodeName: string,
): Promise<{ readonly zone: string } | { readonly unknown: string }> {
  const path = `/api/v1/nodes/${nodeName}`;
  try {
    const { status, body } = await api.request('GET', path, { timeoutMs: TIMEOUT_MS });
    if (status === 403) return { unknown: `GET ${path} is forbidden; the role needs the verb get on nodes` };
    if (status !== 200) return { unknown: `GET ${path} returned ${status}` };
    const zone = (body as V1Node).metadata?.labels?.[ZONE_LABEL] ?? '';
    return zone === '' ? { unknown: `Node ${nodeName} has no label ${ZONE_LABEL}` } : { zone };
  } catch (error) {
    return { unknown: `GET ${path}: ${errorText(error)}` };
  }
}
