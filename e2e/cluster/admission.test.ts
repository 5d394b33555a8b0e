/** The admission webhook of a running controller. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { issue, type KeyPair } from '../certificates.ts';
import { until } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { freePort } from '../runner/port.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { giveToPodUser } from './identity.ts';
import { get, type Pod } from './pod.ts';

interface Answer {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
  readonly warnings?: readonly string[];
}

let cluster: Cluster;
let pod: Pod;
let port: number;
let pair: KeyPair;
let folder: string;

function post(body: string): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const agent = new Agent({ ca: pair.cert });
  const sent = request(
    { host: '127.0.0.1', port, servername: 'webhook.test', method: 'POST', headers, agent },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    },
  );
  sent.on('error', reject).end(body);
  return promise;
}

async function review(object: KubernetesObject, oldObject: KubernetesObject | null = null): Promise<Answer> {
  const { status, text } = await post(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u-1',
        kind: { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' },
        operation: oldObject === null ? 'CREATE' : 'UPDATE',
        namespace: NAMESPACE,
        name: object.metadata.name,
        object: { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } },
        oldObject,
      },
    }),
  );
  if (status !== 200) throw new Error(`${status} ${text}`);
  return (JSON.parse(text) as { response: Answer }).response;
}

beforeAll(async () => {
  cluster = await startCluster();
  cluster.addSite('first');
  folder = mkdtempSync(join(tmpdir(), 'tidegate-webhook-'));
  pair = await issue(['webhook.test']);
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(cert, pair.cert);
  writeFileSync(key, pair.key);
  for (const path of [folder, cert, key]) giveToPodUser(path);
  port = await freePort();
  pod = await cluster.startPod({
    args: [
      `--validating-webhook=127.0.0.1:${port}`,
      `--validating-webhook-certificate=${cert}`,
      `--validating-webhook-key=${key}`,
    ],
  });
  await pod.ready();
}, 60_000);

afterAll(async () => {
  await cluster?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it('admits a correct Ingress, warns about a misspelt key, and denies an invalid host and a path that is taken', async () => {
  // The webhook answers with 503 until the first build, which NGINX's readiness does not wait for.
  await until('the webhook decides', async () => (await review(ingressOf('second', 'first'))).allowed, 20_000);
  expect(await review(ingressOf('second', 'first'))).toEqual({ uid: 'u-1', allowed: true });
  const misspelt = ingressOf('second', 'first', { annotations: { 'proxy-body-sise': '1m' } });
  expect((await review(misspelt)).warnings).toEqual([expect.stringMatching(/^Ingress .*second: .*proxy-body-size/)]);
  const bad = structuredClone(ingressOf('second', 'first')) as unknown as { spec: { rules: { host: string }[] } };
  for (const rule of bad.spec.rules) rule.host = 'Not_A_Host';
  expect((await review(bad as unknown as KubernetesObject)).status?.message).toMatch(/the host must be a DNS name/);
  const rules = (ingressOf('first') as unknown as { spec: unknown }).spec;
  const taken = { ...ingressOf('thief'), spec: rules } as unknown as KubernetesObject;
  expect((await review(taken)).status?.message).toMatch(/is already served .* by Ingress .*first/);
}, 60_000);

it('finds a Secret that only the new Ingress names, and warns if there is none', async () => {
  const guarded = ingressOf('guarded', 'first', { annotations: { 'auth-type': 'basic', 'auth-secret': 'users' } });
  expect((await review(guarded)).warnings).toEqual([expect.stringMatching(/Secret .*users does not exist/)]);
  cluster.emulator.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: NAMESPACE, name: 'users' },
    type: 'Opaque',
    data: { auth: Buffer.from('alice:{PLAIN}x\n').toString('base64') },
  });
  expect(await review(guarded)).toEqual({ uid: 'u-1', allowed: true });
});

it('has metrics of its reviews', async () => {
  const { text } = await get(pod.healthzPort, '/metrics');
  expect(text).toMatch(/tidegate_admission_reviews_total\{[^}]*result="denied"\} [1-9]/);
  expect(text).toMatch(/nginx_ingress_controller_admission_render_ingresses\{[^}]*\} 1\n/);
  expect(text).toMatch(/nginx_ingress_controller_admission_roundtrip_duration\{[^}]*\} 0\.\d/);
});

it.each([
  [['--validating-webhook=8444'], /--validating-webhook: "8444" is not an address; write an address and a port/],
  [
    ['--validating-webhook=:8444', '--validating-webhook-certificate=/tls.crt'],
    /needs both --validating-webhook-certificate and --validating-webhook-key/,
  ],
])('a controller with %s does not start, and says why', async (args, reason) => {
  const other = await cluster.startPod({ name: 'tidegate-1', args });
  await until('the controller ends', () => !other.controller.running(), 20_000);
  expect(other.controller.lines.join('\n')).toMatch(reason);
});
