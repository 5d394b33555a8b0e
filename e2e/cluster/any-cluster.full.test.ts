/**
 * Tests with an existing cluster. The manifests of e2e/inputs are applied in one namespace, which is removed
 * afterwards. A controller that watches only this namespace routes their hosts, writes their status, and reports their
 * mistakes. No request may reach a machine of the cluster; therefore no endpoints are created, and a routed host
 * responds with 503 instead of 404.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { createWorkspace } from '../apiserver/workspace.ts';
import type { Workspace } from '../apiserver/workspace.ts';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { until } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import type { Scenario } from '../runner/scenario.ts';
import { makeVariant } from '../runner/variant.ts';
import { openAnyCluster } from './any-cluster.ts';
import type { AnyCluster } from './any-cluster.ts';
import { converted, inputScenarios } from './applied-inputs.ts';
import { startPod } from './pod.ts';
import type { Pod } from './pod.ts';

const NAME = 'tidegate-0';
const ADDRESS = '192.0.2.10';

interface Route {
  readonly host: string;
  readonly path: string;
  /** Whether the host has TLS. If so, requests are redirected before endpoints are looked up. */
  readonly tls: boolean;
}

let folder: string;
let cluster: AnyCluster;
let kubectl: Kubectl;
let workspace: Workspace;
let backends: Backends;
let pod: Pod;

/** The Pod object that the controller reads as its own. It is never scheduled, so that no node runs it. */
function ownPod(namespace: string): KubernetesObject {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace, labels: { 'app.kubernetes.io/name': NAME } },
    spec: {
      schedulerName: 'tidegate-e2e-nobody',
      automountServiceAccountToken: false,
      containers: [{ name: 'controller', image: 'registry.example/never-pulled', securityContext }],
    },
  };
}

/** An object of an input for the test's namespace: an Ingress gets the test's class, and a Service selects no pods. */
function placed({ metadata, ...object }: KubernetesObject): KubernetesObject[] {
  const { namespace } = workspace;
  const here = { ...object, metadata: { ...metadata, namespace } } as KubernetesObject;
  const spec = object['spec'] as Record<string, unknown> | undefined;
  if (object.kind === 'Secret') return [here];
  if (object.kind === 'Service') return [{ ...here, spec: { ...spec, selector: undefined } }];
  return object.kind === 'Ingress' ? [{ ...here, spec: { ...spec, ingressClassName: namespace } }] : [];
}

function routesOf(objects: readonly KubernetesObject[]): Route[] {
  interface Spec {
    readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths: { path?: string }[] } }[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  }
  return objects.flatMap(({ kind, spec }) => {
    if (kind !== 'Ingress') return [];
    const { rules = [], tls = [] } = spec as Spec;
    const secured = new Set(tls.flatMap(({ hosts = [] }) => hosts));
    return rules.flatMap(({ host = 'any.example.test', http }) =>
      (http?.paths ?? []).map(({ path = '/' }) => ({ host, path, tls: secured.has(host) })),
    );
  });
}

async function statusOf({ host, path }: Route): Promise<number | string> {
  const exchange = await requestOnce({ port: pod.httpPort, host, path });
  return exchange.kind === 'answer' ? exchange.answer.status : exchange.detail;
}

async function untilStatuses(routes: readonly Route[], wanted: (route: Route) => number): Promise<void> {
  let seen: readonly (number | string)[] = [];
  await until(
    'every route responds with the expected status',
    async () => {
      seen = await Promise.all(routes.map(statusOf));
      return seen.every((status, i) => routes[i] !== undefined && status === wanted(routes[i]));
    },
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; seen: ${seen.join(' ')}\n${pod.controller.lines.slice(-20).join('\n')}`);
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-any-'));
  const opened = await openAnyCluster(folder);
  if (typeof opened === 'string') throw new Error(opened);
  cluster = opened;
  console.log(`inputs are applied to ${cluster.description}`);
  kubectl = kubectlFor(cluster.kubeconfig);
  workspace = await createWorkspace(kubectl);
  const { namespace } = workspace;
  // In a complete cluster, a namespace accepts pods only after its service account was created.
  let refused: unknown;
  const admitted = () =>
    workspace.apply(ownPod(namespace)).then(
      () => true,
      (error: unknown) => ((refused = error), false),
    );
  await until("the controller's Pod is admitted", admitted, 30_000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${String(refused)}`);
  });
  backends = await startBackends();
  pod = await startPod({
    kubeconfig: cluster.kubeconfig,
    name: NAME,
    args: [
      `--watch-namespace=${namespace}`,
      `--ingress-class=${namespace}`,
      `--controller-class=tidegate.dev/${namespace}`,
      '--watch-ingress-without-class=false',
    ],
    env: { POD_NAMESPACE: namespace },
  });
  await pod.ready();
}, 180_000);

afterAll(async () => {
  await pod?.dispose();
  await backends?.stop();
  await workspace?.dispose();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 150_000);

it.each(inputScenarios())(
  '$name',
  async (scenario: Scenario & { id: string }) => {
    const variant = await makeVariant(scenario, { id: scenario.id, control: false, backends });
    const objects = converted(folder, variant.objects).flatMap(placed);
    const routes = routesOf(objects);
    expect(routes).not.toEqual([]);
    await untilStatuses(routes, () => 404);
    await workspace.apply(...objects);
    await untilStatuses(routes, ({ tls }) => (tls ? 308 : 503));
    const shown = async () => workspace.run(['get', 'ingress']);
    await until('kubectl shows the address', async () => (await shown()).includes(ADDRESS), 30_000);
    for (const { kind, metadata } of objects) await workspace.run(['delete', kind, metadata.name]);
    await untilStatuses(routes, () => 404);
  },
  120_000,
);

it('the controller writes an Event about a mistake of an Ingress', async () => {
  const annotations = { 'nginx.ingress.kubernetes.io/proxy-body-size': 'a-lot' };
  const { namespace } = workspace;
  const service = { name: 'nobody', port: { number: 80 } };
  await workspace.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'wrong', namespace, annotations },
    spec: { ingressClassName: namespace, defaultBackend: { service } },
  });
  const described = () => workspace.run(['describe', 'ingress', 'wrong']);
  await until('kubectl shows the Event', async () => /Warning .*proxy-body-size/.test(await described()), 30_000);
}, 60_000);

it('the API server has rejected no request of the controller', () => {
  expect(pod.controller.lines.filter((line) => /forbidden|invalid/i.test(line) && !line.includes('a-lot'))).toEqual([]);
});

it('the namespace of the tests no longer exists after they have removed it', async () => {
  await pod.dispose();
  await workspace.dispose();
  expect(await kubectl.run(['get', 'namespace', workspace.namespace, '--ignore-not-found'])).toBe('');
}, 120_000);
