/**
 * The manifests of deploy/, for installations without helm: rendered from the chart. `node charts/deploy.ts` writes
 * them; a test keeps them equal.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { render, type Rendered } from './helm.ts';

const DEPLOY = join(import.meta.dirname, '../deploy');

/**
 * Services name the ports: when these manifests replace the old controller's, Pods of both, whose ports have different
 * numbers, serve during the rollout. Clusters before 1.33 do not find the ports of a sidecar by name, and the cluster
 * is unknown here, so they are declared as for an older one.
 */
const KUBE_VERSION = '1.32.0';

/** File name → values. */
export const MANIFESTS: Readonly<Record<string, { readonly about: string; readonly values: unknown }>> = {
  'cloud.yaml': {
    about: 'For clusters that provide load balancers.',
    values: { controller: { service: { externalTrafficPolicy: 'Local' } } },
  },
  'baremetal.yaml': {
    about: 'Behind node ports, if the cluster does not provide load balancers.',
    values: { controller: { service: { type: 'NodePort' } } },
  },
  'daemonset.yaml': {
    about: 'On ports 80 and 443 of every node, through host ports.',
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
    about: 'For one namespace, without cluster-wide permissions. The class is recognised by its name.',
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

/** Text of one manifest. */
export async function manifest(name: keyof typeof MANIFESTS): Promise<string> {
  const { about = '', values } = MANIFESTS[name] ?? {};
  const objects = (await render({ values, kubeVersion: KUBE_VERSION })).map(withoutHelm);
  // The static daemonset needs host ports, which `restricted` forbids; so does `baseline`.
  const namespace = name === 'daemonset.yaml' ? { ...NAMESPACE, metadata: { name: 'ingress-nginx' } } : NAMESPACE;
  const documents = [namespace, ...objects].map((object) =>
    stringify(object, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false }),
  );
  return `# ${about} Made from charts/tidegate by charts/deploy.ts.\n${documents.join('---\n')}`;
}

/** Without the labels that mark objects as managed by helm. */
function withoutHelm(object: Rendered): unknown {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    key === 'helm.sh/chart' || key === 'app.kubernetes.io/managed-by' ? undefined : value,
  );
}

if (import.meta.main) {
  for (const name of Object.keys(MANIFESTS)) await writeFile(join(DEPLOY, name), await manifest(name));
}
