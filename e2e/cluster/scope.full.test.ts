/**
 * Installs the chart for one namespace, without cluster-wide permissions. The controller works and reports no errors.
 */
import type { V1Deployment } from '@kubernetes/client-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART, helm as binary } from '../../charts/helm.ts';
import { findAssets } from '../apiserver/assets.ts';
import { kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { ingressOf } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { answerOf } from './answers.ts';
import { createPodOfDeployment, writeOwnKubeconfig } from './deployed.ts';
import { helmFor } from './helm.ts';
import { POD_NAMESPACE, startPod } from './pod.ts';
import type { Pod } from './pod.ts';

const POD = 'ingress-nginx-controller-0';
const ADDRESS = '192.0.2.10';
const assets = findAssets();
const unfit = 'missing' in assets || binary === undefined;
if (unfit) console.error('NOT RUN: an installation for one namespace needs a kube-apiserver and helm');

/** The flags that the test pod takes from the chart's Deployment. */
const OF_THE_CHART = ['controller-class', 'ingress-class', 'configmap', 'election-id', 'watch-namespace'];

describe.skipIf(unfit)('an installation for one namespace', () => {
  let folder: string;
  let server: RealServer;
  let kubectl: Kubectl;
  let pod: Pod;

  /** Creates an Ingress of a class in a namespace. Its Service does not exist, so that its paths respond with 503. */
  async function write(name: string, namespace: string, className: string): Promise<void> {
    const ingress = ingressOf(name);
    const metadata = { ...ingress.metadata, namespace };
    const spec = { ...(ingress as unknown as { spec: object }).spec, ingressClassName: className };
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ ...ingress, metadata, spec }));
  }
  async function addressOf(name: string, namespace: string): Promise<string> {
    const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
    return kubectl.run(['get', 'ingress', '-n', namespace, name, '-o', path]);
  }
  async function flagsOfChart(): Promise<string[]> {
    const answer = await kubectl.run(['get', 'deployment', '-n', POD_NAMESPACE, '-o', 'json']);
    const { items } = JSON.parse(answer) as { items: V1Deployment[] };
    const containers = items[0]?.spec?.template.spec?.containers ?? [];
    const args = containers.flatMap((container) => container.args ?? []);
    return args
      .filter((arg) => OF_THE_CHART.includes(arg.split('=')[0]?.slice(2) ?? ''))
      .map((arg) => arg.replaceAll('$(POD_NAMESPACE)', POD_NAMESPACE));
  }

  beforeAll(async () => {
    if ('missing' in assets || binary === undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-scope-'));
    server = await startRealServer(assets.folder);
    server.writeKubeconfig(join(folder, 'admin'));
    kubectl = kubectlFor(join(folder, 'admin'));
    const helm = helmFor(binary, join(folder, 'admin'), folder);
    const scope = ['--set=controller.scope.enabled=true', '--set=rbac.scope=true'];
    const release = ['ingress-nginx', CHART, '--namespace', POD_NAMESPACE, '--create-namespace'];
    const { failed, stderr } = await helm('install', ...release, ...scope);
    if (failed) throw new Error(stderr);
    await createPodOfDeployment(kubectl, POD);
    await write('ours', POD_NAMESPACE, 'nginx');
    await write('theirs', POD_NAMESPACE, 'somebody');
    await write('elsewhere', 'default', 'nginx');
    const kubeconfig = join(folder, 'controller');
    await writeOwnKubeconfig(kubectl, server, kubeconfig);
    const args = ['--watch-ingress-without-class=false', '--status-update-interval=5', ...(await flagsOfChart())];
    pod = await startPod({ kubeconfig, name: POD, args });
    await pod.ready();
  }, 180_000);

  afterAll(async () => {
    await pod?.dispose();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('has no cluster-wide permissions', async () => {
    const roles = await kubectl.run(['get', 'clusterroles,clusterrolebindings', '-o', 'name']);
    expect(roles.split('\n').filter((name) => name.includes('ingress-nginx'))).toEqual([]);
  });

  it('serves Ingresses of its class in its namespace, and publishes their addresses', async () => {
    await until('the status is written', async () => (await addressOf('ours', POD_NAMESPACE)) === ADDRESS, 30_000);
    expect(await answerOf(pod, 'ours')).toBe('503');
    expect(await answerOf(pod, 'theirs')).toBe('404');
    expect(await answerOf(pod, 'elsewhere')).toBe('404');
    expect(await addressOf('theirs', POD_NAMESPACE)).toBe('');
    expect(await addressOf('elsewhere', 'default')).toBe('');
  }, 60_000);

  it('logs how it recognizes its class, and reports neither errors nor Ingresses of other controllers', async () => {
    const said = pod.controller.lines.filter((line) => line !== '');
    expect(said.filter((line) => /error|forbidden|warn: .*IngressClass/i.test(line))).toEqual([]);
    expect(said.filter((line) => /IngressClass .*does not exist|nobody serves/.test(line))).toEqual([]);
    expect(
      said.filter((line) => /IngressClasses cannot be read with these permissions, .* by its name/.test(line)),
    ).toHaveLength(1);
    const events = await kubectl.run(['get', 'events', '--all-namespaces', '-o', 'json']);
    expect(events).not.toMatch(/IngressClass .*does not exist|nobody serves/);
  });
});
