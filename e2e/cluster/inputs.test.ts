/** The manifests that people have, applied with kubectl: the answers are those of the standalone mode. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { hasKubectl, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { until } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { runVariant } from '../runner/run.ts';
import { readScenarios } from '../runner/scenario.ts';
import type { Scenario } from '../runner/scenario.ts';
import { makeVariant } from '../runner/variant.ts';
import type { Variant } from '../runner/variant.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a tutorial printed and no API server ever took: only a folder of manifests can hold it. */
const REFUSED = 'demo-ingress-as-written.yaml';
const scenarios = readScenarios()
  .filter(({ file, inputs }) => file === 'inputs.yaml' && !inputs.includes(REFUSED))
  .map((scenario, i) => ({ ...scenario, id: `c${i}` }));

function isOld({ apiVersion }: KubernetesObject): boolean {
  return apiVersion.endsWith('v1beta1');
}

/** `tidegate convert`, as a person would run it. */
function convert(folder: string, objects: readonly KubernetesObject[]): string {
  const file = join(folder, 'old.yaml');
  writeFileSync(file, objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/tidegate.js', 'convert', file], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

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
    const items = variant.objects.filter((object) => !isOld(object));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await kubectl.run(['apply', '--validate=false', '-f', '-'], list);
    const old = variant.objects.filter(isOld);
    if (old.length > 0) await kubectl.run(['apply', '--validate=false', '-f', '-'], convert(folder, old));
  }
  /** Rules without a host answer for every other scenario, so each leaves before the next one comes. */
  async function remove({ objects }: Variant): Promise<void> {
    for (const { kind, metadata } of objects.filter((object) => ['Ingress', 'IngressClass'].includes(object.kind))) {
      const place = kind === 'Ingress' ? ['-n', metadata.namespace ?? 'default'] : [];
      await kubectl.run(['delete', kind, metadata.name, ...place]);
    }
  }

  it.each(scenarios)(
    '$name',
    async (scenario: Scenario & { id: string }) => {
      const variant = await makeVariant(scenario, { id: scenario.id, control: false, backends: cluster.backends });
      const before = await runVariant(variant, pod, 'all');
      expect(before, 'the same answers come before the manifests are applied').not.toEqual([]);
      await apply(variant);
      let found: string[] = [];
      await until(
        'the answers are right',
        async () => (found = await runVariant(variant, pod, 'all')).length === 0,
        15_000,
      ).catch(() => expect(found, pod.controller.lines.slice(-20).join('\n')).toEqual([]));
      const ingress = variant.objects.find(({ kind }) => kind === 'Ingress');
      await until(
        'the address is shown',
        async () =>
          (
            await kubectl.run(['get', 'ingress', '-n', ingress?.metadata.namespace ?? '', ingress?.metadata.name ?? ''])
          ).includes('192.0.2.10'),
        15_000,
      );
      await remove(variant);
    },
    60_000,
  );

  it('shows on the object what is wrong with it', async () => {
    cluster.addSite('events');
    const wrong = 'nginx.ingress.kubernetes.io/proxy-body-size=a-lot';
    await kubectl.run(['annotate', 'ingress', '-n', 'sites', 'events', wrong]);
    let text = '';
    await until(
      'the Event is there',
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
