/** What the chart has put into a real cluster, run by a test: there is no kubelet. */
import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import type { Kubectl } from '../apiserver/kubectl.ts';
import type { RealServer } from '../apiserver/real.ts';
import { POD_NAMESPACE } from './pod.ts';

const DEPLOYMENT = 'ingress-nginx-controller';

async function templateOf(kubectl: Kubectl): Promise<{ metadata: object; spec: V1PodSpec }> {
  const answer = await kubectl.run(['get', 'deployment', '-n', POD_NAMESPACE, DEPLOYMENT, '-o', 'json']);
  const template = (JSON.parse(answer) as V1Deployment).spec?.template;
  if (template?.spec === undefined) throw new Error(`${DEPLOYMENT} has no template`);
  return { metadata: template.metadata ?? {}, spec: template.spec };
}

/**
 * The Pod that the Deployment asks for. If its namespace enforces `restricted`, its admission proves that it complies.
 */
export async function createPodOfDeployment(kubectl: Kubectl, name: string): Promise<void> {
  const { metadata, spec } = await templateOf(kubectl);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: POD_NAMESPACE }, spec };
  await kubectl.run(['apply', '-f', '-'], JSON.stringify(pod));
}

/** A kubeconfig with exactly the permissions of the chart's ServiceAccount. `port` leads through a proxy. */
export async function writeOwnKubeconfig(
  kubectl: Kubectl,
  server: RealServer,
  path: string,
  port?: number,
): Promise<void> {
  const args = ['create', 'token', 'ingress-nginx', '-n', POD_NAMESPACE, '--duration=1h'];
  const token = (await kubectl.run(args)).trim();
  server.writeKubeconfig(path, { token, ...(port !== undefined && { port }) });
}
