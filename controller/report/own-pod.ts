/** Reads the pod of this process and the other pods of the same installation. */
import type { V1Pod, V1PodList } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import { type ApiServerAnswer, ask } from './api-answer.ts';

export interface OwnPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The pod's IP addresses, of all address families. */
  readonly addresses: readonly string[];
  /** The name of its node; undefined if the pod is not scheduled. */
  readonly nodeName: string | undefined;
  /** Label selector for the pods of this installation in every revision; undefined if no label identifies them. */
  readonly selector: string | undefined;
}

const TIMEOUT_MS = 10_000;

/**
 * Labels that identify a pod's installation. A version label is not among them, because it would separate the old and
 * new pods of a rollout.
 */
const INSTALLATION = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/component'];
/** Labels that differ between the pods or revisions of one installation. */
const OF_A_REVISION = new Set([
  'app.kubernetes.io/version',
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
  'helm.sh/chart',
  'pod-template-generation',
  'pod-template-hash',
  'statefulset.kubernetes.io/pod-name',
]);

/**
 * The selector for a pod with these labels. It uses Kubernetes' recommended labels if the pod has them, otherwise all
 * labels that stay the same in a new revision.
 */
export function selectorOf(labels: Readonly<Record<string, string>>): string | undefined {
  const recommended = INSTALLATION.filter((key) => labels[key] !== undefined);
  const keys = recommended.length > 0 ? recommended : Object.keys(labels).filter((key) => !OF_A_REVISION.has(key));
  return keys.length === 0 ? undefined : keys.map((key) => `${key}=${labels[key] ?? ''}`).join(',');
}

/** Reads the pod `POD_NAMESPACE`/`POD_NAME`. */
export async function readOwnPod(api: ApiClient, namespace: string, name: string): Promise<ApiServerAnswer<OwnPod>> {
  const answer = await ask<V1Pod>(api, 'GET', `/api/v1/namespaces/${namespace}/pods/${name}`, {
    timeoutMs: TIMEOUT_MS,
  });
  if (!answer.ok) return answer;
  const { uid = '', labels = {} } = answer.value.metadata ?? {};
  const nodeName = answer.value.spec?.nodeName;
  const { podIP, podIPs = [] } = answer.value.status ?? {};
  const addresses = [...new Set([...podIPs.map(({ ip }) => ip), ...(podIP === undefined ? [] : [podIP])])];
  return { ok: true, value: { namespace, name, uid, addresses, nodeName, selector: selectorOf(labels) } };
}

/** Lists the pods of this installation, including this one. Without a selector, only this pod is returned. */
export async function listOwnPods(
  api: ApiClient,
  { namespace, name, selector }: OwnPod,
  signal?: AbortSignal,
): Promise<ApiServerAnswer<readonly V1Pod[]>> {
  const query = selector === undefined ? { fieldSelector: `metadata.name=${name}` } : { labelSelector: selector };
  const answer = await ask<V1PodList>(api, 'GET', `/api/v1/namespaces/${namespace}/pods`, {
    query,
    timeoutMs: TIMEOUT_MS,
    ...(signal && { signal }),
  });
  return answer.ok ? { ok: true, value: answer.value.items } : answer;
}

/**
 * Whether no other pod of this installation will remain. Pods that are being deleted or have ended do not count. False
 * if this cannot be determined; the published addresses then stay.
 */
export async function isLastPod(api: ApiClient, pod: OwnPod): Promise<boolean> {
  if (pod.selector === undefined) return false;
  const answer = await listOwnPods(api, pod);
  if (!answer.ok) return false;
  return answer.value.every(({ metadata, status }) => {
    const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    return metadata?.name === pod.name || metadata?.deletionTimestamp !== undefined || ended;
  });
}
