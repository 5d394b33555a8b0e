/** This process's pod, and the other pods of the same installation. */
import type { V1Pod, V1PodList } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import { type Answer, ask } from './api-answer.ts';

export interface OwnPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of every family. */
  readonly addresses: readonly string[];
  /** Its node; undefined if the pod is not scheduled. */
  readonly nodeName: string | undefined;
  /** Label selector for the pods of this installation, in every revision; undefined if no label identifies them. */
  readonly selector: string | undefined;
}

const TIMEOUT_MS = 10_000;

/** Labels that identify a pod's installation; a version label would separate a rollout's old pods from its new ones. */
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

/** Kubernetes' recommended labels if the pod has them, otherwise all labels that a new revision keeps. */
export function selectorOf(labels: Readonly<Record<string, string>>): string | undefined {
  const recommended = INSTALLATION.filter((key) => labels[key] !== undefined);
  const keys = recommended.length > 0 ? recommended : Object.keys(labels).filter((key) => !OF_A_REVISION.has(key));
  return keys.length === 0 ? undefined : keys.map((key) => `${key}=${labels[key] ?? ''}`).join(',');
}

/** Reads this pod (`POD_NAMESPACE`, `POD_NAME`). */
export async function readOwnPod(api: ApiClient, namespace: string, name: string): Promise<Answer<OwnPod>> {
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

/** The pods of this installation, including this one; only this one without a selector. */
export async function listOwnPods(
  api: ApiClient,
  { namespace, name, selector }: OwnPod,
  signal?: AbortSignal,
): Promise<Answer<readonly V1Pod[]>> {
  const query = selector === undefined ? { fieldSelector: `metadata.name=${name}` } : { labelSelector: selector };
  const answer = await ask<V1PodList>(api, 'GET', `/api/v1/namespaces/${namespace}/pods`, {
    query,
    timeoutMs: TIMEOUT_MS,
    ...(signal && { signal }),
  });
  return answer.ok ? { ok: true, value: answer.value.items } : answer;
}

/**
 * Whether no other pod of this installation will stay: pods that are being deleted or have ended do not count. False if
 * that cannot be determined, which keeps what is published.
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
