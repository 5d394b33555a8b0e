/** Lets a test do the kubelet's work for objects that the chart has created on a real API server. */
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
 * Creates a Pod from the template of the Deployment. If the namespace enforces `restricted`, a Pod that does not comply
 * is rejected.
 */
export async function createPodOfDeployment(kubectl: Kubectl, name: string): Promise<void> {
  const { metadata, spec } = await templateOf(kubectl);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: POD_NAMESPACE }, spec };
  await kubectl.run(['apply', '-f', '-'], JSON.stringify(pod));
}

/** Writes a kubeconfig with the permissions of the chart's ServiceAccount. `port` may be that of a proxy. */
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
