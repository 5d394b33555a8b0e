/** Replicas that keep the certificate of the webhook on an emulated API server, and TLS servers that use it. */
import type { V1Secret } from '@kubernetes/client-node';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../e2e/apiserver/emulator.ts';
import { type Emulated, emulated, FAST } from '../../cluster/fixtures/emulated.ts';
import { watchSecret } from '../../cluster/index.ts';
import { memoryLog } from './memory-log.ts';
import { keepCertificate, type KeptCertificate } from '../webhook-certificate/keep-certificate.ts';
import { CERTIFICATE_TIMES, type CertificateTimes } from '../webhook-certificate/times.ts';
import { WEBHOOK_NAME } from '../webhook-certificate/webhook-configuration.ts';

export const SECRET = { namespace: 'ingress-nginx', name: 'admission-certificate' };
const CONFIGURATION = 'admission';
const SERVICE = { name: 'controller-admission', namespace: 'ingress-nginx', path: '/', port: 443 };
const AT_ONCE: CertificateTimes = { ...CERTIFICATE_TIMES, settleMs: 20, checkMs: 100 };

export function webhookNamed(name: string): JsonObject {
  const fixed = { failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] };
  return { name, ...fixed, clientConfig: { service: SERVICE } };
}

/** A Secret without content, as the chart creates it. */
export function emptySecret(): JsonObject {
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { ...SECRET, labels: { keep: 'this' } } };
}

/** An API server with the Secret, and with a webhook configuration whose second webhook is that of the controller. */
export async function withWebhook(): Promise<Emulated> {
  const cluster = await emulated();
  cluster.server.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: CONFIGURATION, labels: { keep: 'this' } },
    webhooks: [webhookNamed('other.example.com'), webhookNamed(WEBHOOK_NAME)],
  });
  cluster.server.put(emptySecret());
  return cluster;
}

export function startReplica({ connection }: Emulated, times = AT_ONCE, leads = () => true) {
  const log = memoryLog();
  const kept = keepCertificate({
    api: connection,
    secret: SECRET,
    configuration: CONFIGURATION,
    watch: (listener) => watchSecret(connection, { ...SECRET, ...listener, tuning: FAST }),
    leads,
    log,
    times,
  });
  onTestFinished(() => kept.close());
  return { ...kept, log, warnings: () => log.lines.filter((line) => line.startsWith('warn')) };
}

/** The JSON of the configuration. */
export interface StoredConfiguration {
  readonly metadata: { readonly labels?: object };
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service: object; readonly caBundle?: string };
  }[];
}

export function configurationIn({ server }: Emulated): StoredConfiguration {
  return server.get('ValidatingWebhookConfiguration', '', CONFIGURATION) as unknown as StoredConfiguration;
}

/** Writes the webhooks of the configuration, whatever version is stored. */
export function putWebhooks({ server }: Emulated, webhooks: StoredConfiguration['webhooks']): void {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const object = { apiVersion, kind: 'ValidatingWebhookConfiguration', metadata: { name: CONFIGURATION }, webhooks };
  server.put(object as unknown as JsonObject);
}

export function bundleIn(cluster: Emulated): string {
  const encoded = configurationIn(cluster).webhooks[1]?.clientConfig.caBundle ?? '';
  return Buffer.from(encoded, 'base64').toString();
}

/** The number of CAs in caBundle. */
export function trustedIn(cluster: Emulated): number {
  return bundleIn(cluster).split('BEGIN CERTIFICATE').length - 1;
}

export function secretIn({ server }: Emulated): V1Secret {
  return server.get('Secret', SECRET.namespace, SECRET.name) as unknown as V1Secret;
}

/** Starts a TLS server with the certificate of a replica; returns its port. */
export async function serveWith(kept: Pick<KeptCertificate, 'current' | 'onChange'>): Promise<number> {
  const server = createServer({ ...kept.current() }, (socket) => socket.end());
  kept.onChange(() => server.setSecureContext({ ...kept.current() }));
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Connects as an API server does. Returns undefined, or why it does not accept the certificate. */
export async function refusalOf(port: number, ca: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const servername = `${SERVICE.name}.${SERVICE.namespace}.svc`;
  const socket = connect({ port, host: '127.0.0.1', servername, ca }, () => resolve(undefined));
  socket.on('error', (error: Error) => resolve(error.message));
  const outcome = await promise;
  socket.destroy();
  return outcome;
}
