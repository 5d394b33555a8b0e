/**
 * The certificate of the webhook on a real API server, with the objects and the permissions of the chart: it is made,
 * rotated and repaired while a client writes Ingresses without a pause.
 */
import type { V1Secret, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiConnection, loadApi } from '../../controller/cluster/index.ts';
import { findAssets } from '../apiserver/assets.ts';
import { fileArgument, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { startServiceProxy } from './cluster-ip.ts';
import type { ServiceProxy } from './cluster-ip.ts';
import { writeOwnKubeconfig } from './deployed.ts';
import { ownAddress } from './own-address.ts';
import { POD_NAMESPACE } from './pod.ts';
import { startWebhookReplica } from './webhook-replica.ts';
import type { WebhookReplica } from './webhook-replica.ts';

const assets = findAssets();
const unfit = 'missing' in assets || ownAddress() === undefined;
const deploy = fileURLToPath(new URL('../../deploy/cloud.yaml', import.meta.url));
const CONFIGURATION = 'ingress-nginx-admission';
const SECRET = { namespace: POD_NAMESPACE, name: 'ingress-nginx-admission-certificate' };
const SERVICE = 'ingress-nginx-controller-admission';
/** A CA lasts for 24 s, a serving certificate for 12 s; they are replaced after 16 s and 8 s. */
const TIMES = {
  authorityMs: 24_000,
  servingMs: 12_000,
  backdatedMs: 0,
  spreadMs: 2_000,
  overlapMs: 4_000,
  settleMs: 1_000,
  checkMs: 500,
};

describe.skipIf(unfit)('the certificate of the webhook on a real API server', () => {
  let folder: string;
  let server: RealServer;
  let kubectl: Kubectl;
  let admin: ApiConnection;
  let service: ServiceProxy;
  const replicas: WebhookReplica[] = [];

  const path = `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/ingresses`;
  /** Writes an Ingress, as a dry run every second time. Returns undefined, or why it was refused. */
  async function write(count: number): Promise<string | undefined> {
    const metadata = { annotations: { 'example.com/count': String(count) } };
    const query = count % 2 === 0 ? { dryRun: 'All' } : {};
    const contentType = 'application/merge-patch+json';
    const answer = await admin.request('PATCH', `${path}/w0`, { body: { metadata }, contentType, query });
    return answer.status === 200 ? undefined : JSON.stringify(answer.body);
  }
  /** Writes without a pause until `done` is true. Returns the number of writes, and the refusals. */
  async function writeUntil(done: () => boolean): Promise<{ writes: number; refused: string[] }> {
    const refused: string[] = [];
    let writes = 0;
    while (!done()) {
      const why = await write((writes += 1));
      if (why !== undefined) refused.push(why);
    }
    return { writes, refused };
  }
  async function bundle(): Promise<string> {
    const text = await kubectl.run(['get', 'validatingwebhookconfiguration', CONFIGURATION, '-o', 'json']);
    const [webhook] = (JSON.parse(text) as V1ValidatingWebhookConfiguration).webhooks ?? [];
    return webhook?.clientConfig.caBundle ?? '';
  }
  async function start(leads: boolean): Promise<void> {
    const kubeconfig = join(folder, 'controller');
    replicas.push(
      await startWebhookReplica({ kubeconfig, secret: SECRET, configuration: CONFIGURATION, times: TIMES, leads }),
    );
  }

  beforeAll(async () => {
    if ('missing' in assets) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-webhook-'));
    server = await startRealServer(assets.folder);
    const kubeconfig = join(folder, 'admin');
    server.writeKubeconfig(kubeconfig);
    kubectl = kubectlFor(kubeconfig);
    admin = await loadApi({ kubeconfig });
    await kubectl.run(['apply', '-f', fileArgument(deploy)]);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await kubectl.run(['apply', '-f', '-'], JSON.stringify(namespace));
    await writeOwnKubeconfig(kubectl, server, join(folder, 'controller'));
    service = await startServiceProxy(kubectl, POD_NAMESPACE, SERVICE);
  }, 180_000);

  afterAll(async () => {
    for (const each of replicas) await each.stop();
    await service?.stop();
    await admin?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('lets nobody write an Ingress of its class before it exists, and everybody an Ingress of another class', async () => {
    const own = { ...ingressOf('w0'), spec: { ...(ingressOf('w0')['spec'] as object), ingressClassName: 'nginx' } };
    const create = async (object: object) => kubectl.run(['apply', '-f', '-'], JSON.stringify(object)).catch(String);
    expect(await create(own)).toMatch(/failed calling webhook "validate\.nginx\.ingress\.kubernetes\.io"/);
    const foreign = { ...ingressOf('w1'), spec: { ...(ingressOf('w1')['spec'] as object), ingressClassName: 'other' } };
    expect(await create(foreign)).toMatch(/w1 created/);
    await Promise.all([start(true), start(false)]);
    service.set(replicas.map(({ port }) => port));
    await until('the Ingress is admitted', async () => /w0 created/.test(await create(own)), 20_000);
    expect(replicas.flatMap(({ lines }) => lines).filter((line) => /forbidden/i.test(line))).toEqual([]);
  }, 60_000);

  it('is rotated, CA and serving certificate, without a refused write, and both replicas answer', async () => {
    const bundles = new Set<string>();
    const certificates = new Set<string>();
    const before = replicas.map((each) => each.reviews());
    const end = performance.now() + 45_000;
    let looked = 0;
    const { writes, refused } = await writeUntil(() => {
      for (const { kept } of replicas) certificates.add(kept.current()?.cert ?? '');
      if (performance.now() - looked > 500) {
        looked = performance.now();
        void bundle().then((text) => bundles.add(text));
      }
      return performance.now() > end;
    });
    console.log(`${writes} writes, ${certificates.size} serving certificates, ${bundles.size} states of caBundle`);
    expect(refused).toEqual([]);
    expect(certificates.size).toBeGreaterThanOrEqual(4);
    // One CA, then two, then the new one alone, at least twice.
    expect(bundles.size).toBeGreaterThanOrEqual(4);
    for (const [index, each] of replicas.entries()) expect(each.reviews() - (before[index] ?? 0)).toBeGreaterThan(100);
  }, 90_000);

  it('is repaired without a refused write after the Secret was emptied and caBundle was removed', async () => {
    const [leader] = replicas;
    const cert = leader?.kept.current()?.cert;
    const empty = JSON.stringify({ data: { 'tls.crt': '', 'tls.key': '', 'ca.crt': '', 'ca.key': '' } });
    await kubectl.run(['patch', 'secret', '-n', SECRET.namespace, SECRET.name, '--type=merge', '--patch', empty]);
    const { refused } = await writeUntil(() => replicas.every(({ kept }) => kept.current()?.cert !== cert));
    expect(refused).toEqual([]);
    const remove = JSON.stringify([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }]);
    await kubectl.run(['patch', 'validatingwebhookconfiguration', CONFIGURATION, '--type=json', '--patch', remove]);
    await until('caBundle is written again', async () => (await bundle()) !== '', 10_000);
    expect(await write(1)).toBeUndefined();
  }, 60_000);

  it('stays in use if the Secret is deleted, which the controller may not create, until somebody creates it', async () => {
    const name = ['secret', '-n', SECRET.namespace, SECRET.name];
    await kubectl.run(['delete', ...name]);
    const [leader] = replicas;
    await until('the log says what to do', () =>
      (leader?.lines ?? []).some((line) => /create secret generic/.test(line)),
    );
    expect(await write(1)).toBeUndefined();
    await kubectl.run(['create', 'secret', 'generic', SECRET.name, '-n', SECRET.namespace]);
    const content = async () => (JSON.parse(await kubectl.run(['get', ...name, '-o', 'json'])) as V1Secret).data;
    await until('the Secret has content', async () => (await content())?.['tls.crt'] !== undefined, 90_000);
    expect(await write(1)).toBeUndefined();
  }, 120_000);

  it('is not checked, or nothing is admitted, while no replica answers: failurePolicy decides', async () => {
    service.set([]);
    expect(await write(1)).toMatch(/failed calling webhook/);
    const ignore = JSON.stringify([{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]);
    await kubectl.run(['patch', 'validatingwebhookconfiguration', CONFIGURATION, '--type=json', '--patch', ignore]);
    await until('writes are admitted', async () => (await write(1)) === undefined, 10_000);
  }, 60_000);
});
