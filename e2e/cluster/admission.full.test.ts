/**
 * The admission webhook of two controllers on a real API server, with the objects and the permissions of the chart: what
 * `kubectl apply` prints about good, doubtful and invalid Ingresses, and what happens while no controller answers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAssets } from '../apiserver/assets.ts';
import { fileArgument, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { startServiceProxy } from './cluster-ip.ts';
import type { ServiceProxy } from './cluster-ip.ts';
import { createPodOfDeployment, writeOwnKubeconfig } from './deployed.ts';
import { ownAddress } from './own-address.ts';
import { POD_NAMESPACE, startPod } from './pod.ts';
import type { Pod } from './pod.ts';

const assets = findAssets();
const unfit = 'missing' in assets || ownAddress() === undefined;
const deploy = fileURLToPath(new URL('../../deploy/cloud.yaml', import.meta.url));
const CONFIGURATION = 'ingress-nginx-admission';
const SERVICE = 'ingress-nginx-controller-admission';
const PREFIX = 'nginx.ingress.kubernetes.io';
const AWAY = /failed calling webhook "validate\.nginx\.ingress\.kubernetes\.io"/;

/** An Ingress of the class that the chart installs. */
function ingress(name: string, annotations: Record<string, string> = {}, ingressClassName = 'nginx'): object {
  const whole = ingressOf(name, name, { annotations });
  return { ...whole, spec: { ...(whole['spec'] as object), ingressClassName } };
}

describe.skipIf(unfit)('the admission webhook on a real API server', () => {
  let folder: string;
  let server: RealServer;
  let kubectl: Kubectl;
  let service: ServiceProxy;
  const pods: Pod[] = [];
  const ports: number[] = [];

  /** What kubectl prints, including warnings; or its error. */
  async function apply(object: object, ...more: readonly string[]): Promise<string> {
    const printed = kubectl.output(['apply', '-f', '-', ...more], JSON.stringify(object));
    return printed.then(({ out, err }) => err + out, String);
  }
  async function startController(name: string): Promise<void> {
    await createPodOfDeployment(kubectl, name);
    const port = await freePort();
    const flags = {
      'election-id': 'ingress-nginx-leader',
      configmap: `${POD_NAMESPACE}/ingress-nginx-controller`,
      'watch-ingress-without-class': false,
      'validating-webhook': `127.0.0.1:${port}`,
      'validating-webhook-secret': 'ingress-nginx-admission-certificate',
      'validating-webhook-configuration': CONFIGURATION,
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    pods.push(await startPod({ kubeconfig: join(folder, 'controller'), name, args }));
    ports.push(port);
  }

  beforeAll(async () => {
    if ('missing' in assets) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-admission-'));
    server = await startRealServer(assets.folder);
    server.writeKubeconfig(join(folder, 'admin'));
    kubectl = kubectlFor(join(folder, 'admin'));
    await kubectl.run(['apply', '-f', fileArgument(deploy)]);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await writeOwnKubeconfig(kubectl, server, join(folder, 'controller'));
    service = await startServiceProxy(kubectl, POD_NAMESPACE, SERVICE);
    for (const name of ['ingress-nginx-controller-0', 'ingress-nginx-controller-1']) await startController(name);
    for (const pod of pods) await pod.ready(60_000);
    service.set(ports);
  }, 240_000);

  afterAll(async () => {
    for (const pod of pods) await pod.dispose();
    await service?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('admits a valid Ingress without a word, although nobody wrote its certificate by hand', async () => {
    const backend = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: NAMESPACE } };
    await apply({ ...backend, spec: { ports: [{ port: 80 }] } });
    await until('the webhook answers', async () => /web (created|unchanged)/.test(await apply(ingress('web'))), 20_000);
    expect(await apply(ingress('web', { 'example.com/a': 'b' }))).toBe('ingress.networking.k8s.io/web configured\n');
    for (const pod of pods) expect(pod.controller.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
  }, 60_000);

  it('prints warnings about a misspelt annotation and about a missing Service', async () => {
    const printed = await apply(ingress('warned', { [`${PREFIX}/proxy-body-sise`]: '1m' }));
    expect(printed).toMatch(/warned created/);
    expect(printed).toMatch(/^Warning: .*proxy-body-sise.*proxy-body-size/m);
    expect(printed).toMatch(/^Warning: .*Service sites\/warned/m);
  });

  it('denies an Ingress whose guard is invalid, with field, value and example, and stores nothing', async () => {
    const denied = ingress('denied', { [`${PREFIX}/whitelist-source-range`]: 'everybody' });
    for (const more of [[], ['--dry-run=server'], ['--server-side']]) {
      const printed = await apply(denied, ...more);
      expect(printed).toMatch(/admission webhook "validate\.nginx\.ingress\.kubernetes\.io" denied the request/);
      expect(printed).toContain('whitelist-source-range');
      expect(printed).toContain('everybody');
    }
    await expect(kubectl.run(['get', 'ingress', '-n', NAMESPACE, 'denied'])).rejects.toThrow(/not found/);
  });

  it('denies an update to an invalid Ingress, and never a deletion', async () => {
    const wrong = `${PREFIX}/whitelist-source-range=everybody`;
    const annotate = ['annotate', 'ingress', '-n', NAMESPACE, 'web', wrong];
    await expect(kubectl.run(annotate)).rejects.toThrow(/denied the request/);
    await apply(ingress('gone'));
    expect(await kubectl.run(['delete', 'ingress', '-n', NAMESPACE, 'gone'])).toMatch(/deleted/);
  });

  it('is answered by each of the replicas', async () => {
    for (const port of ports) {
      service.set([port]);
      const before = service.connections.get(port) ?? 0;
      expect(await apply(ingress('web', { 'example.com/port': String(port) }))).toMatch(/web configured/);
      expect(service.connections.get(port)).toBeGreaterThan(before);
    }
  });

  it('is answered while one replica is dead', async () => {
    await pods[0]?.controller.end('SIGKILL');
    service.set(ports.slice(1));
    expect(await apply(ingress('web', { 'example.com/still': 'there' }))).toMatch(/web configured/);
    const denied = ingress('denied', { [`${PREFIX}/whitelist-source-range`]: 'everybody' });
    expect(await apply(denied)).toMatch(/denied the request/);
  }, 60_000);

  it('lets failurePolicy decide while no controller answers, and does not affect other classes and deletions', async () => {
    await pods[1]?.controller.end('SIGKILL');
    expect(await apply(ingress('web', { 'example.com/now': 'no' }))).toMatch(AWAY);
    expect(await apply(ingress('foreign', {}, 'other'))).toMatch(/foreign created/);
    expect(await kubectl.run(['delete', 'ingress', '-n', NAMESPACE, 'warned'])).toMatch(/deleted/);
    const ignore = JSON.stringify([{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]);
    await kubectl.run(['patch', 'validatingwebhookconfiguration', CONFIGURATION, '--type=json', '--patch', ignore]);
    const web = ingress('web', { 'example.com/now': 'yes' });
    await until('the Ingress is admitted', async () => /web (configured|unchanged)/.test(await apply(web)), 20_000);
  }, 60_000);
});
