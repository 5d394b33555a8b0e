/** The zone of a node: decides which endpoints are near, if zone hints are followed. */
import type { V1Node } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';

/** A well-known label of Kubernetes, set by the cloud provider or by hand. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

const TIMEOUT_MS = 10_000;

/** The zone, or the reason why it is unknown, as a sentence without full stop. Never rejects. */
export async function readZone(
  api: ApiClient,
  nodeName: string,
): Promise<{ readonly zone: string } | { readonly unknown: string }> {
  const path = `/api/v1/nodes/${nodeName}`;
  try {
    const { status, body } = await api.request('GET', path, { timeoutMs: TIMEOUT_MS });
    if (status === 403) return { unknown: `GET ${path} is forbidden; the role needs the verb get on nodes` };
    if (status !== 200) return { unknown: `GET ${path} was answered ${status}` };
    const zone = (body as V1Node).metadata?.labels?.[ZONE_LABEL] ?? '';
    return zone === '' ? { unknown: `Node ${nodeName} has no label ${ZONE_LABEL}` } : { zone };
  } catch (error) {
    return { unknown: `GET ${path}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
