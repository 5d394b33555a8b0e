/**
 * The source of the addresses to publish. A failed reading is returned as a value; the published addresses then stay
 * unchanged.
 */
import type { V1Node, V1Service } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import type { ObjectRef } from '../types/problem.ts';
import { addressesOfService, addressOfNode, nodesOfPods, sortedAddresses, type StatusAddress } from './addresses.ts';
import { type ApiServerAnswer, ask } from './api-answer.ts';
import { listOwnPods, type OwnPod } from './own-pod.ts';

export interface AddressSource {
  /** Name of the source for messages, for example `Service ingress/web`. */
  readonly from: string;
  /** The object that the addresses are read from, if there is one. */
  readonly object?: ObjectRef;
  /** How long a reading may be used, in milliseconds; Infinity for a source that cannot change. */
  readonly refreshMs: number;
  readonly read: (signal: AbortSignal) => Promise<ApiServerAnswer<readonly StatusAddress[]>>;
}

const TIMEOUT_MS = 10_000;
const SERVICE_REFRESH_MS = 3_000;
const PODS_REFRESH_MS = 10_000;
/** Addresses of nodes hardly ever change, and reading hundreds of nodes often would be expensive. */
const NODE_FRESH_MS = 300_000;

/** The source for `--publish-status-address`. */
export function fixedAddresses(addresses: readonly StatusAddress[]): AddressSource {
  const reading = Promise.resolve({ ok: true as const, value: addresses });
  return { from: '--publish-status-address', refreshMs: Infinity, read: () => reading };
}

/** The source for `--publish-service`. */
export function serviceAddresses(
  api: ApiClient,
  service: { readonly namespace: string; readonly name: string },
  refreshMs = SERVICE_REFRESH_MS,
): AddressSource {
  const path = `/api/v1/namespaces/${service.namespace}/services/${service.name}`;
  return {
    from: `Service ${service.namespace}/${service.name}`,
    object: { kind: 'Service', ...service },
    refreshMs,
    read: async (signal) => {
      const answer = await ask<V1Service>(api, 'GET', path, { timeoutMs: TIMEOUT_MS, signal });
      return answer.ok ? { ok: true, value: addressesOfService(answer.value) } : answer;
    },
  };
}

/**
 * The source for the addresses of the nodes on which our pods run. `internal` is `--report-node-internal-ip-address`.
 */
export function nodeAddresses(
  api: ApiClient,
  pod: OwnPod,
  internal: boolean,
  refreshMs = PODS_REFRESH_MS,
): AddressSource {
  const known = new Map<string, { address: StatusAddress | undefined; until: number }>();

  async function addressOf(name: string, signal: AbortSignal): Promise<ApiServerAnswer<StatusAddress | undefined>> {
    const fresh = known.get(name);
    if (fresh !== undefined && performance.now() < fresh.until) return { ok: true, value: fresh.address };
    const answer = await ask<V1Node>(api, 'GET', `/api/v1/nodes/${name}`, { timeoutMs: TIMEOUT_MS, signal });
    if (!answer.ok && answer.status !== 404) return answer;
    const address = answer.ok ? addressOfNode(answer.value, internal) : undefined;
    if (address !== undefined) known.set(name, { address, until: performance.now() + NODE_FRESH_MS });
    return { ok: true, value: address };
  }

  return {
    from: 'the nodes of the pods',
    refreshMs,
    read: async (signal) => {
      const pods = await listOwnPods(api, pod, signal);
      if (!pods.ok) return pods;
      const names = nodesOfPods(pods.value);
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name);
      const addresses: StatusAddress[] = [];
      for (const name of names) {
        const found = await addressOf(name, signal);
        // With a partial list, addresses that still work would be removed.
        if (!found.ok) return found;
        if (found.value !== undefined) addresses.push(found.value);
      }
      return { ok: true, value: sortedAddresses(addresses) };
    },
  };
}
