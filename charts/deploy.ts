/**
 * `node charts/deploy.ts` renders the chart and writes the manifests in deploy/, which are for installations without
 * helm. A test fails if they differ from what the chart renders.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { render, type Rendered } from './helm.ts';

const DEPLOY = join(import.meta.dirname, '../deploy');

/**
 * The Kubernetes version for which the manifests are rendered. Services refer to ports by name, because during a
 * rollout that replaces the old controller, Pods of both controllers serve, and their ports have different numbers.
 * Before 1.33, Kubernetes does not find named ports of a sidecar. The version of the user's cluster is unknown here, so
 * the ports are declared as for 1.32.
 */
const KUBE_VERSION = '1.32.0';

/** File name → values. */
export const MANIFESTS: Readonly<Record<string, { readonly about: string; readonly values: unknown }>> = {
  'cloud.yaml': {
    about: 'For clusters that provide load balancers.',
    values: { controller: { service: { externalTrafficPolicy: 'Local' } } },
  },
  'baremetal.yaml': {
    about: 'For clusters without load balancers: node ports.',
    values: { controller: { service: { type: 'NodePort' } } },
  },
  'daemonset.yaml': {
    about: 'A DaemonSet on ports 80 and 443 of every node (host ports).',
    values: {
      controller: {
        kind: 'DaemonSet',
        hostPort: { enabled: true },
        service: { type: 'ClusterIP' },
        publishService: { enabled: false },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      },
    },
  },
  'namespace.yaml': {
    about: 'For one namespace, without cluster-wide permissions. Tidegate recognises its IngressClass by name.',
    values: {
      controller: {
        scope: { enabled: true },
        ingressClassResource: { enabled: false },
        ingressClass: 'nginx',
      },
      rbac: { scope: true },
    },
  },
};

const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'ingress-nginx', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

/** Renders one manifest; returns its text. */
export async function manifest(name: keyof typeof MANIFESTS): Promise<string> {
  const { about = '', values } = MANIFESTS[name] ?? {};
  const objects = (await render({ values, kubeVersion: KUBE_VERSION })).map(withoutHelm);
  // The DaemonSet needs host ports, which the Pod Security Standards `restricted` and `baseline` forbid.
  const namespace = name === 'daemonset.yaml' ? { ...NAMESPACE, metadata: { name: 'ingress-nginx' } } : NAMESPACE;
  const documents = [namespace, ...objects].map((object) =>
    stringify(object, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false }),
  );
  return `# ${about} Rendered from charts/tidegate by charts/deploy.ts.
${documents.join('---\n')}`;
}

/** Returns the object without the labels that mark it as managed by helm. */
function withoutHelm(object: Rendered): unknown {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    key === 'helm.sh/chart' || key === 'app.kubernetes.io/managed-by' ? undefined : value,
  );
}

if (import.meta.main) {
  for (const name of Object.keys(MANIFESTS)) await writeFile(join(DEPLOY, name), await manifest(name));
}
