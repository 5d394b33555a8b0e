/** A Secret that was deleted, or whose certificate became unusable, leaves the last good one in force. */
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

/** Serial number of the certificate that a handshake gets. */
async function served(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port: instance.httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
  socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.serialNumber ?? ''));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

/** The Ingress with the Secret `name`. */
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

// Each test starts its own instance.
afterEach(async () => instance?.dispose());

afterAll(async () => {
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
}, 120_000);

it('but no longer than --keep-certificates says', async () => {
  await start('--keep-certificates=2s');
  const from = instance.lines.length;
  instance.write('secret.yaml', secret(second.cert, first.key));
  await instance.line(/its last good certificate stays in force/, from);
  await instance.line(/Secret \S+ holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
  await until('the default one is served', async () => ![first, second].map(serialOf).includes(await served()));
}, 120_000);

const BAD = () => instance.write('secret.yaml', secret(second.cert, first.key));
const GONE = () => instance.remove('secret.yaml');
const KEPT = /error.*its last good certificate stays in force/;

/** Private keys below the run directory are the controller's own. */
function storedModes(): string[] {
  const folder = join(instance.runDir, 'controller', 'kept');
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.json'));
  return names.map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
}

describe('over a restart of the controller', () => {
  it.each([
    ['turned bad', BAD],
    ['was deleted', GONE],
  ])('where the Secret %s before it', async (_, spoil) => {
    await start();
    const seen = instance.lines.length;
    spoil();
    await instance.line(KEPT, seen);
    await until('it is stored', () => storedModes().length === 1);
    expect(storedModes()).toEqual(['600']);
    await instance.end('SIGKILL');
    const from = instance.lines.length;
    await instance.start();
    await instance.line(KEPT, from);
    expect(await served()).toBe(serialOf(first));
    instance.write('secret.yaml', secret(second.cert, second.key));
    await until('the new one is served', async () => (await served()) === serialOf(second));
    await until('nothing is stored anymore', () => storedModes().length === 0);
  });

  it.each([
    ['turned bad', 'SIGKILL', BAD],
    ['was deleted', 'SIGKILL', GONE],
    ['turned bad', 'SIGINT', BAD],
  ] as const)('where the Secret %s after its %s', async (_, signal, spoil) => {
    await start();
    await instance.end(signal);
    spoil();
    const from = instance.lines.length;
    await instance.start();
    await instance.line(KEPT, from);
    expect(await served()).toBe(serialOf(first));
  });

  it('but not if the run directory was emptied', async () => {
    await start();
    await instance.end('SIGINT');
    rmSync(instance.runDir, { recursive: true });
    BAD();
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });

  it('but not in place of another Secret', async () => {
    await start();
    await instance.end('SIGKILL');
    GONE();
    instance.write('site.yaml', site('other'));
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/Secret \S+\/other does not exist; .* gets the default/, from);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });

  it('but no longer than --keep-certificates says, including the time without a controller', async () => {
    await start('--keep-certificates=5s');
    const seen = instance.lines.length;
    BAD();
    await instance.line(KEPT, seen);
    await until('it is stored', () => storedModes().length === 1);
    await instance.end('SIGKILL');
    await sleep(5000);
    const from = instance.lines.length;
    await instance.start();
    await instance.line(/holds a tls.key that does not belong to tls.crt; .* gets the default/, from);
    expect(instance.lines.slice(from).filter((line) => KEPT.test(line))).toEqual([]);
    expect([first, second].map(serialOf)).not.toContain(await served());
  });
}, 120_000);
