import type { V1ClusterRole, V1PolicyRule, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cases, helm, only, render } from './helm.ts';

const matrix = cases();

interface Rights {
  /** The rules of the ClusterRole, as text; undefined if there is no ClusterRole. */
  readonly cluster: readonly string[] | undefined;
  /** Namespace → rules of the Role in that namespace. */
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
}

/** A rule as text, for example `secrets shop-tls: get list watch`. */
function text({ resources = [], resourceNames = [], verbs }: V1PolicyRule): string {
  return `${[...resources, ...resourceNames].join(' ')}: ${verbs.join(' ')}`;
}

async function rightsOf(name: string): Promise<Rights> {
  const objects = await render({ files: [matrix.get(name) ?? ''] });
  const bindings = objects.filter(({ kind }) => kind === 'RoleBinding') as unknown as V1RoleBinding[];
  const roles = objects.filter(({ kind }) => kind === 'Role') as unknown as V1Role[];
  expect(bindings.map(({ metadata }) => metadata?.namespace)).toEqual(roles.map(({ metadata }) => metadata?.namespace));
  for (const { roleRef, subjects } of bindings) {
    expect(roleRef.name).toBe('ingress-nginx');
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'ingress-nginx', namespace: 'ingress-nginx' }]);
  }
  const cluster = objects.some(({ kind }) => kind === 'ClusterRole')
    ? only<V1ClusterRole>(objects, 'ClusterRole').rules?.map(text)
    : undefined;
  return {
    cluster,
    namespaces: Object.fromEntries(
      roles.map(({ metadata, rules }) => [metadata?.namespace ?? '', (rules ?? []).map(text)]),
    ),
  };
}

const ROUTING = [
  'ingresses: get list watch',
  'services: get list watch',
  'endpointslices: get list watch',
  'configmaps: get list watch',
];
const REPORTING = ['ingresses/status: get update patch', 'events: create patch'];
/** The CA in the configuration of the webhook, and its Secret. */
const WEBHOOK = 'validatingwebhookconfigurations ingress-nginx-admission: get patch';
const CERTIFICATE = 'secrets ingress-nginx-admission-certificate: get list watch patch';
const PODS = 'pods: get list watch';
const OWN = [PODS, 'leases ingress-nginx-leader: get update patch', 'leases: create'];
const CLASSES = 'ingressclasses: get list watch';
const SECRETS = 'secrets: get list watch';

describe.skipIf(helm === undefined)('the permissions that the chart grants', () => {
  test('allow the controller by default to read cluster-wide, and to write only status, Events and its certificate', async () => {
    expect(await rightsOf('defaults')).toEqual({
      cluster: [CLASSES, WEBHOOK, ...ROUTING, SECRETS, ...REPORTING],
      namespaces: { 'ingress-nginx': [...OWN, CERTIFICATE] },
    });
  });

  test('allow reading Nodes and Namespaces only if a value requires that', async () => {
    expect((await rightsOf('daemonset-host-network')).cluster).toContain('nodes: get list watch');
    expect((await rightsOf('status-address')).cluster).not.toContain('nodes: get list watch');
    // Topology-aware routing reads the zone of the pod's node.
    expect((await rightsOf('flags')).cluster).toContain('nodes: get list watch');
    expect((await rightsOf('namespace-selector')).cluster).toContain('namespaces: get list watch');
  });

  test('apply to one namespace, without a ClusterRole, if rbac.scope is true', async () => {
    expect(await rightsOf('scope-own-namespace')).toEqual({
      cluster: undefined,
      namespaces: { 'ingress-nginx': [...OWN, ...ROUTING, ...REPORTING, SECRETS] },
    });
  });

  test('include Secrets only by name if the watched namespace is not the release namespace', async () => {
    expect(await rightsOf('scope-other-namespace')).toEqual({
      cluster: [CLASSES, WEBHOOK, 'namespaces shop: get'],
      namespaces: {
        'ingress-nginx': [...OWN, CERTIFICATE, ...ROUTING, 'secrets ingress-nginx-controller: get list watch'],
        shop: [...ROUTING, ...REPORTING, 'secrets shop-tls: get list watch'],
      },
    });
  });

  test('allow reading only the listed Secrets if rbac.secrets is set, and are otherwise cluster-wide', async () => {
    expect(await rightsOf('named-secrets')).toEqual({
      cluster: [CLASSES, WEBHOOK, ...ROUTING, ...REPORTING],
      namespaces: {
        'ingress-nginx': [...OWN, CERTIFICATE, 'secrets dh default: get list watch'],
        shop: ['secrets shop-tls shop-auth: get list watch'],
        blog: [SECRETS],
      },
    });
  });

  test('include Namespaces if their annotations say to whom hosts belong', async () => {
    const { cluster, namespaces } = await rightsOf('host-ownership');
    expect(cluster).toContain('namespaces: get list watch');
    expect(namespaces).toEqual({ 'ingress-nginx': [...OWN, CERTIFICATE] });
    expect((await rightsOf('host-policy')).cluster).not.toContain('namespaces: get list watch');
  });

  test('include all Secrets of the namespace with certificates for all hosts if other Secrets are listed', async () => {
    expect((await rightsOf('host-policy')).namespaces).toEqual({
      'ingress-nginx': [...OWN, CERTIFICATE, SECRETS],
      shop: ['secrets shop-tls: get list watch'],
    });
  });

  test('do not include status and Leases if there is no leader election', async () => {
    const { cluster, namespaces } = await rightsOf('no-status');
    expect(cluster).not.toContain(REPORTING[0]);
    expect(namespaces['ingress-nginx']).toEqual([PODS, CERTIFICATE]);
  });

  test('are documented in docs/security.md, which mentions every resource in the roles of charts/cases', async () => {
    const document = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');
    const names = new Set<string>();
    for (const file of matrix.values()) {
      const roles = (await render({ files: [file] })).filter(({ kind }) =>
        kind.endsWith('Role'),
      ) as unknown as V1Role[];
      for (const { resources = [] } of roles.flatMap(({ rules }) => rules ?? []))
        for (const resource of resources) names.add(resource);
    }
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});
