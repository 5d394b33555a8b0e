/**
 * Values that `tidegate migrate` writes render the objects from which it wrote them. The objects are those that the chart
 * renders from its own cases, with the command of ingress-nginx: objects and flags have the same names in both charts.
 */
import type { V1ConfigMap, V1Deployment, V1Service } from '@kubernetes/client-node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { migrate } from '../controller/cli/migrate/migrate.ts';
import { fromManifests } from '../controller/cli/migrate/sources.ts';
import { writeValues } from '../controller/migrate/chart/write-values.ts';
import { cases, helm, type Rendered, render } from './helm.ts';

const CASES = [
  'autoscaling',
  'configmap',
  'daemonset-host-port',
  'defaults',
  'flags',
  'internal-service',
  'load-balancer',
  'node-port',
  'replicas',
  'scheduling',
  'scope-other-namespace',
  'second-class',
  'status-address',
  'tcp-udp',
  'tls-at-the-load-balancer',
];
/** Flags that the chart sets with values of its own, or that ingress-nginx does not have. */
const OURS =
  /^--(?:run-dir|http-listen-port|https-listen-port|http-port|https-port|isolate-namespaces|validating-webhook.*|shutdown-grace-period|enable-annotation-validation)\b/;

/** Flags that ingress-nginx does not have. */
const NEW = /^--(?:run-dir|.*-listen-port|validating-webhook-(?:secret|configuration))\b/;

function isWorkload({ kind, metadata }: Rendered): boolean {
  return (kind === 'Deployment' || kind === 'DaemonSet') && metadata.name.endsWith('-controller');
}

/** The workload as one of ingress-nginx: one container, with its command. */
function asOld(rendered: Rendered): Rendered {
  const workload = structuredClone(rendered) as unknown as V1Deployment;
  const pod = workload.spec?.template.spec;
  const nginx = pod?.initContainers?.find(({ name }) => name === 'nginx');
  if (pod == null || nginx === undefined) throw new Error('the chart has no container nginx');
  const args = (pod.containers[0]?.args ?? []).slice(1).filter((each) => !NEW.test(each));
  const { resources, ports } = nginx;
  pod.containers = [
    {
      name: 'controller',
      image: 'registry.k8s.io/ingress-nginx/controller:v1.12.1',
      args: ['/nginx-ingress-controller', ...args],
      ...(resources !== undefined && { resources }),
      ...(ports !== undefined && { ports }),
    },
  ];
  delete pod.initContainers;
  delete pod.volumes;
  return workload as unknown as Rendered;
}

function flagsOfPod(objects: readonly Rendered[]): readonly string[] {
  const { spec } = objects.find(isWorkload) as unknown as V1Deployment;
  const args = spec?.template.spec?.containers[0]?.args ?? [];
  return args
    .slice(1)
    .filter((each) => !OURS.test(each))
    .map((each) => each.replace(/=true$/, ''))
    .toSorted();
}

function comparable(objects: readonly Rendered[]): unknown {
  const of = (kind: string, named: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === named);
  const service = (named: string) => {
    const found = of('Service', named) as unknown as V1Service | undefined;
    // The API server does not let anybody change a ClusterIP, and keeps it.
    return { annotations: found?.metadata?.annotations, spec: { ...(found?.spec as object), clusterIP: undefined } };
  };
  const workload = objects.find(isWorkload) as unknown as V1Deployment;
  const name = workload.metadata?.name ?? '';
  const {
    containers: _,
    initContainers,
    volumes: _volumes,
    ...pod
  } = workload.spec?.template.spec ?? { containers: [] };
  return {
    kind: workload.kind,
    replicas: workload.spec?.replicas,
    pod,
    resources: initContainers?.find((each) => each.name === 'nginx')?.resources,
    selector: workload.spec?.selector,
    labels: workload.spec?.template.metadata?.labels,
    flags: flagsOfPod(objects),
    config: (of('ConfigMap', name) as unknown as V1ConfigMap).data,
    tcp: (of('ConfigMap', 'ingress-nginx-tcp') as unknown as V1ConfigMap | undefined)?.data,
    service: service(name),
    internal: service(`${name}-internal`),
    autoscaler: of('HorizontalPodAutoscaler', name),
    budget: of('PodDisruptionBudget', name),
    classes: objects.filter(({ kind }) => kind === 'IngressClass'),
  };
}

/** The values that tidegate migrate writes for these objects. */
async function valuesFor(objects: readonly Rendered[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-migrated-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const items = objects.map((each) => {
    const placed = isWorkload(each) ? asOld(each) : each;
    return { ...placed, metadata: { namespace: 'ingress-nginx', ...placed.metadata } };
  });
  await writeFile(join(folder, 'dump.yaml'), stringify({ apiVersion: 'v1', kind: 'List', items }));
  const source = await fromManifests([join(folder, 'dump.yaml')]);
  const { report, installation } = await migrate(source, { options: {}, written: new Set() });
  if (installation === undefined) throw new Error('no workload was found');
  return parse(writeValues(installation, report));
}

describe.skipIf(helm === undefined)('values that tidegate migrate writes', () => {
  test.each(CASES)('render the objects from which they were written: %s', { timeout: 60_000 }, async (name) => {
    const file = cases().get(name);
    if (file === undefined) throw new Error(`charts/cases has no ${name}.yaml`);
    const before = await render({ files: [file] });
    const after = await render({ values: await valuesFor(before) });
    expect(comparable(after)).toEqual(comparable(before));
  });
});
