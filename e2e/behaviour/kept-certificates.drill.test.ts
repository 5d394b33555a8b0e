/** If a Secret is deleted, or its certificate becomes invalid, NGINX presents the last good certificate. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

/** The serial number of the certificate that the server presents. */
async function served(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port: instance.httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
  socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.serialNumber ?? ''));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

/** The Ingress, with the Secret `name` in spec.tls. */
function site(name: string): KubernetesObject[] {
  const ingress = ingressOf('kept');
  return [{ ...ingress, spec: { ...(ingress['spec'] as object), tls: [{ hosts: [host], secretName: name }] } }];
}

async function start(...args: string[]): Promise<void> {
  instance = await startInstance(
    {
      'site.yaml': site('kept'),
      'pods.yaml': podsOf('kept', takeAddresses(1), backends.ports.http),
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

afterEach(async () => instance?.dispose());

afterAll(async () => {
  await backends?.stop();
});

it('NGINX presents the last good certificate, whose serial number is logged, until the Secret is valid', async () => {
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
  await until('the new certificate is presented', async () => (await served()) === serialOf(second));
}, 120_000);

it('NGINX presents the last good certificate for no longer than --keep-certificates', async () => {
  await start('--keep-certificates=2s');
  const from = instance.lines.length;
  instance.write('secret.yaml', secret(second.cert, first.key));
  await instance.line(/its last good certificate stays in force/, from);
  await instance.line(/Secret \S+ holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
  await until(
    'the default certificate is presented',
    async () => ![first, second].map(serialOf).includes(await served()),
  );
}, 120_000);

const BAD = () => instance.write('secret.yaml', secret(second.cert, first.key));
const GONE = () => instance.remove('secret.yaml');
const KEPT = /error.*its last good certificate stays in force/;

/** The file modes of the certificates with private keys that the controller has stored in the run directory. */
function storedModes(): string[] {
  const folder = join(instance.runDir, 'controller', 'kept');
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.json'));
  return names.map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
}

describe('after a restart of the controller', () => {
  it.each([
    ['became invalid', BAD],
    ['was deleted', GONE],
  ])('NGINX presents the last good certificate if the Secret %s before the restart', async (_, spoil) => {
    await start();
    const seen = instance.lines.length;
    spoil();
    await instance.line(KEPT, seen);
    await until('the certificate is stored', () => storedModes().length === 1);
    expect(storedModes()).toEqual(['600']);
    await instance.end('SIGKILL');
    const from = instance.lines.length;
    await instance.start();
    await instance.line(KEPT, from);
    expect(await served()).toBe(serialOf(first));
    instance.write('secret.yaml', secret(second.cert, second.key));
    await until('the new certificate is presented', async () => (await served()) === serialOf(second));
    await until('the stored certificate is deleted', () => storedModes().length === 0);
  });

  it.each([
    ['became invalid', 'SIGKILL', BAD],
    ['was deleted', 'SIGKILL', GONE],
    ['became invalid', 'SIGINT', BAD],
  ] as const)('NGINX presents the last good certificate if the Secret %s after the %s', async (_, signal, spoil) => {
    await start();
    await instance.end(signal);
    spoil();
    const from = instance.lines.length;
    await instance.start();
    await instance.line(KEPT, from);
    expect(await served()).toBe(serialOf(first));
  });

  it('NGINX presents the default certificate if the run directory was deleted', async () => {
    await start();
    await instance.end('SIGINT');
    rmSync(instance.runDir, { recursive: true });
    BAD();
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });

  it('NGINX presents the default certificate if the Ingress now names another Secret', async () => {
    await start();
    await instance.end('SIGKILL');
    GONE();
    instance.write('site.yaml', site('other'));
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/Secret \S+\/other does not exist; .* gets the default/, from);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });

  it('the time during which no controller ran counts towards --keep-certificates', async () => {
    await start('--keep-certificates=5s');
    const seen = instance.lines.length;
    BAD();
    await instance.line(KEPT, seen);
    await until('the certificate is stored', () => storedModes().length === 1);
    await instance.end('SIGKILL');
    await sleep(5000);
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
    expect(instance.lines.slice(from).filter((line) => KEPT.test(line))).toEqual([]);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });
}, 120_000);
