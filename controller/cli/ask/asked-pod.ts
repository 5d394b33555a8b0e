/** Finds the Pod whose controller is asked over the Kubernetes API, and the port of its inspection API. */
import type { V1Deployment, V1Pod, V1PodList } from '@kubernetes/client-node';
import { type ApiServerFailure, ask } from '../../report/api-answer.ts';
import type { PodPort } from '../../cluster/index.ts';
import type { ApiClient } from '../../types/api.ts';

export type FoundPod = PodPort | { readonly obstacle: string };

/** `pod` and `deployment`: `namespace/name`; one of them is empty. */
export interface PodChoice {
  readonly pod: string;
  readonly deployment: string;
}

const FLAG = /^--inspection-port(?:=(.*))?$/;

/** The value of --inspection-port in the arguments of a container; undefined if the flag is absent or 0. */
export function inspectionPortOf({ spec }: V1Pod): number | undefined {
  for (const { command = [], args = [] } of spec?.containers ?? []) {
    const words = [...command, ...args];
    const at = words.findIndex((word) => FLAG.test(word));
    const port = Number(FLAG.exec(words[at] ?? '')?.[1] ?? words[at + 1]);
    if (at >= 0 && port > 0) return port;
  }
  return undefined;
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return ready === true && metadata?.deletionTimestamp === undefined;
}

/** What a failed request means for the person who asked. `what`: for example `Deployment shop/web`. */
function obstacleOf({ status, message }: ApiServerFailure, what: string, need: string): { readonly obstacle: string } {
  if (status === 404) return { obstacle: `${what} does not exist` };
  if (status === 403)
    return { obstacle: `${what} cannot be read: the user of the kubeconfig needs ${need} (${message})` };
  return { obstacle: `${what} cannot be read: ${message}` };
}

function portIn(pod: V1Pod, namespace: string): FoundPod {
  const name = pod.metadata?.name ?? '';
  const port = inspectionPortOf(pod);
  if (port !== undefined) return { namespace, pod: name, port };
  return {
    obstacle:
      `the controller of Pod ${namespace}/${name} has no --inspection-port, so nobody outside the Pod can ask it; set ` +
      'controller.inspectionPort in the values of the chart, for example 10256',
  };
}

const MOST_NAMED = 5;

/** The oldest ready Pod of a Deployment, so that the next request usually reaches the same Pod. */
async function podOfDeployment(api: ApiClient, namespace: string, name: string): Promise<FoundPod> {
  const what = `Deployment ${namespace}/${name}`;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const deployment = await ask<V1Deployment>(api, 'GET', path);
  if (!deployment.ok) return obstacleOf(deployment, what, `the verb get on deployments in the namespace ${namespace}`);
  const labels = Object.entries(deployment.value.spec?.selector.matchLabels ?? {});
  const query = { labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(',') };
  const pods = await ask<V1PodList>(api, 'GET', `/api/v1/namespaces/${namespace}/pods`, { query });
  if (!pods.ok) return obstacleOf(pods, `the Pods of ${what}`, `the verb list on pods in the namespace ${namespace}`);
  const created = ({ metadata }: V1Pod) => new Date(metadata?.creationTimestamp ?? 0).getTime();
  const [oldest] = pods.value.items.filter(isReady).toSorted((a, b) => created(a) - created(b));
  if (oldest !== undefined) return portIn(oldest, namespace);
  const named = pods.value.items
    .slice(0, MOST_NAMED)
    .map(({ metadata, status }) => `${metadata?.name} (${status?.phase ?? 'unknown'})`);
  const others = named.length === 0 ? 'it has no Pods' : `its Pods: ${named.join(', ')}; --pod asks one of them`;
  return { obstacle: `no Pod of ${what} is ready; ${others}` };
}

export async function findPod(api: ApiClient, { pod, deployment }: PodChoice): Promise<FoundPod> {
  const [namespace = '', name = ''] = (pod === '' ? deployment : pod).split('/');
  if (pod === '') return podOfDeployment(api, namespace, name);
  const found = await ask<V1Pod>(api, 'GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
  const need = `the verb get on pods in the namespace ${namespace}`;
  return found.ok ? portIn(found.value, namespace) : obstacleOf(found, `Pod ${namespace}/${name}`, need);
}
