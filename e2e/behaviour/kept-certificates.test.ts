/** A Secret whose certificate cannot be used any more, or that is deleted, leaves the last good one in force. */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue, type KeyPair } from '../certificates.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const host = hostOf('kept');
let backends: Backends;
let instance: Instance;
let first: KeyPair;
let second: KeyPair;

function secret(crt: string, key: string): KubernetesObject[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const metadata = { name: 'kept', namespace: NAMESPACE };
  const data = { 'tls.crt': base64(crt), 'tls.key': base64(key) };
  return [{ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data }];
}

function serialOf({ cert }: KeyPair): string {
  return new X509Certificate(cert).serialNumber;
}

/** Serial number of the certificate that a handshake gets. */
async function served(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port: instance.httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
  socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.serialNumber ?? ''));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

async function start(...args: string[]): Promise<void> {
  const ingress = ingressOf('kept');
  const spec = { ...(ingress as unknown as { spec: object }).spec, tls: [{ hosts: [host], secretName: 'kept' }] };
  instance = await startInstance(
    {
      'site.yaml': [{ ...ingress, spec }, ...podsOf('kept', takeAddresses(1), backends.ports.http)],
      'secret.yaml': secret(first.cert, first.key),
    },
    { args },
  );
  expect(await served()).toBe(serialOf(first));
}

beforeAll(async () => {
  backends = await startBackends();
  [first, second] = await Promise.all([issue([host]), issue([host])]);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('until its successor is good, with an error that names both', async () => {
  await start();
  const said = (what: string) =>
    new RegExp(`Secret ${NAMESPACE}/kept ${what}; its last good certificate stays in force, serial ${serialOf(first)}`);
  for (const [what, write] of [
    ['holds a tls.key that does not belong', () => instance.write('secret.yaml', secret(second.cert, first.key))],
    ['has no PEM certificate', () => instance.write('secret.yaml', secret('nonsense', first.key))],
    ['does not exist', () => instance.remove('secret.yaml')],
  ] as const) {
    const from = instance.lines.length;
    write();
    await instance.line(said(`${what}.*`), from);
    expect(await served()).toBe(serialOf(first));
  }
  instance.write('secret.yaml', secret(second.cert, second.key));
  await until('the new one is served', async () => (await served()) === serialOf(second));
  await instance.dispose();
}, 120_000);

it('and no longer than --keep-certificates says', async () => {
  await start('--keep-certificates=2s');
  const from = instance.lines.length;
  instance.write('secret.yaml', secret(second.cert, first.key));
  await instance.line(/its last good certificate stays in force/, from);
  await instance.line(
    /Secret \S+ holds a tls.key that does not belong to tls.crt; .* is answered with the default/,
    from,
  );
  await until('the default one is served', async () => ![first, second].map(serialOf).includes(await served()));
}, 120_000);
