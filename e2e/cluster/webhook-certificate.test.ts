/** Two controllers make and use one certificate for the admission webhook, without files and without a Job. */
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { get, POD_NAMESPACE } from './pod.ts';
import type { Pod } from './pod.ts';

const CONFIGURATION = 'ingress-nginx-admission';
const SECRET = 'ingress-nginx-admission-certificate';
const SERVICE = 'ingress-nginx-controller-admission';
const WEBHOOK = 'validate.nginx.ingress.kubernetes.io';

let cluster: Cluster;
const ports: number[] = [];
const pods: Pod[] = [];

function bundle(): string {
  const found = cluster.emulator.get('ValidatingWebhookConfiguration', '', CONFIGURATION);
  const [webhook] = (found?.['webhooks'] ?? []) as unknown as { clientConfig: { caBundle?: string } }[];
  return Buffer.from(webhook?.clientConfig.caBundle ?? '', 'base64').toString();
}

/** The fingerprint of the certificate, if a client that trusts caBundle accepts it for the name of the Service. */
async function accepted(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const options = { host: '127.0.0.1', port, servername: `${SERVICE}.${POD_NAMESPACE}.svc`, ca: bundle() };
  const socket = connect(options, () => resolve(socket.getPeerCertificate().fingerprint256));
  socket.on('error', () => resolve(undefined));
  const print = await promise;
  socket.destroy();
  return print;
}

beforeAll(async () => {
  cluster = await startCluster();
  const service = { name: SERVICE, namespace: POD_NAMESPACE };
  cluster.emulator.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: CONFIGURATION },
    webhooks: [{ name: WEBHOOK, clientConfig: { service } }],
  });
  const metadata = { name: SECRET, namespace: POD_NAMESPACE };
  cluster.emulator.put({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata });
  for (const name of ['tidegate-a', 'tidegate-b']) {
    const port = await freePort();
    ports.push(port);
    pods.push(await cluster.startPod({ name, args: [`--validating-webhook=127.0.0.1:${port}`] }));
  }
}, 60_000);

afterAll(() => cluster?.dispose());

it('is made before the first Pod is ready, is the same in all of them, and is read again after a restart', async () => {
  const [first] = pods;
  await first?.ready(60_000);
  await until('the API server trusts it', async () => (await accepted(ports[0] ?? 0)) !== undefined, 20_000);
  const print = await accepted(ports[0] ?? 0);
  expect(print).toMatch(/^[0-9A-F:]{95}$/);
  await until('both serve it', async () => (await accepted(ports[1] ?? 0)) === print, 20_000);
  await first?.controller.end('SIGKILL');
  first?.controller.start();
  await until('it is served again', async () => (await accepted(ports[0] ?? 0)) !== undefined, 20_000);
  expect(await accepted(ports[0] ?? 0)).toBe(print);
  const { text } = await get(first?.healthzPort ?? 0, '/metrics');
  const ends = Number(/^tidegate_admission_certificate_expire_time_seconds\S* (\S+)$/m.exec(text)?.[1]) * 1000;
  expect((ends - Date.now()) / 86_400_000).toBeCloseTo(365, 0);
  for (const pod of pods)
    expect(pod.controller.lines.filter((line) => /admission.*(?:retried|cannot|forbidden)/i.test(line))).toEqual([]);
}, 120_000);
