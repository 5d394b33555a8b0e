/** Applies the manifests of e2e/inputs with kubectl, and checks the same responses as for manifests from files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasKubectl, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { until } from '../runner/instance.ts';
import { runVariant } from '../runner/run.ts';
import type { Scenario } from '../runner/scenario.ts';
import { makeVariant } from '../runner/variant.ts';
import type { Variant } from '../runner/variant.ts';
import { converted, inputScenarios } from './applied-inputs.ts';
import { startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

describe.skipIf(!hasKubectl())('inputs through kubectl', () => {
  let cluster: Cluster;
  let pod: Pod;
  let kubectl: Kubectl;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster();
    kubectl = kubectlFor(cluster.kubeconfig);
    folder = mkdtempSync(join(tmpdir(), 'tidegate-inputs-'));
    pod = await cluster.startPod();
    await pod.ready();
  }, 60_000);

  afterAll(async () => {
    await cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function apply(variant: Variant): Promise<void> {
    const namespaces = new Set([variant.namespace, ...variant.objects.map(({ metadata }) => metadata.namespace ?? '')]);
    for (const name of namespaces) {
      if (name !== '') cluster.emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: converted(folder, variant.objects) });
    await kubectl.run(['apply', '--validate=false', '-f', '-'], list);
  }
  /**
   * Removes the objects of a scenario before the next scenario, because a rule without a host would also serve the
   * hosts of the next scenario.
   */
  async function remove({ objects }: Variant): Promise<void> {
    const items = converted(folder, objects).filter(({ kind }) => ['Ingress', 'IngressClass'].includes(kind));
    await kubectl.run(['delete', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }

  it.each(inputScenarios())(
    '$name',
    async (scenario: Scenario & { id: string }) => {
      const variant = await makeVariant(scenario, { id: scenario.id, control: false, backends: cluster.backends });
      const before = await runVariant(variant, pod, 'one');
      expect(before, 'the responses are the same before the manifests are applied').not.toEqual([]);
      await apply(variant);
      let found: string[] = [];
      await until(
        'the responses are as expected',
        async () => (found = await runVariant(variant, pod, 'all')).length === 0,
        15_000,
      ).catch(() => expect(found, pod.controller.lines.slice(-20).join('\n')).toEqual([]));
      const ingress = variant.objects.find(({ kind }) => kind === 'Ingress')?.metadata;
      const [namespace, name] = [ingress?.namespace ?? '', ingress?.name ?? ''];
      await until('the status is written', () => statusOf(cluster.emulator, name, namespace) !== '', 15_000);
      expect(await kubectl.run(['get', 'ingress', '-n', namespace, name])).toContain('192.0.2.10');
      await remove(variant);
    },
    60_000,
  );

  it('the controller writes an Event about a mistake of an Ingress', async () => {
    cluster.addSite('events');
    const wrong = 'nginx.ingress.kubernetes.io/proxy-body-size=a-lot';
    await kubectl.run(['annotate', 'ingress', '-n', 'sites', 'events', wrong]);
    let text = '';
    await until(
      'the Event is written',
      async () => {
        text = await kubectl.run(['describe', 'ingress', '-n', 'sites', 'events']);
        return /Warning .*proxy-body-size/.test(text);
      },
      15_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${text}\n${pod.controller.lines.slice(-20).join('\n')}`);
    });
  }, 30_000);
});
