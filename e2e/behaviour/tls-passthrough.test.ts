/**
 * TLS passthrough of `tidegate up`, with a real NGINX: connections to backends that present their own certificates,
 * changes without a reload, and turning the feature on and off.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchGenerations } from '../runner/generations.ts';
import { type Instance, settled, startInstance, until } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { freePort } from '../runner/port.ts';
import {
  commonNameOf,
  firstLine,
  type Handshake,
  OF_PODS,
  PASSED,
  shakeHands,
  startTlsPods,
  type TlsPods,
  tlsSite,
} from './passthrough-site.ts';
import { hostOf, NAMESPACE } from './site.ts';

const FLAG = '--enable-ssl-passthrough';
const flags: string[] = [];
let pods: TlsPods;
let [first, second, third] = ['', '', ''];
let instance: Instance;

function site(name: string, addresses: readonly string[], annotations = {}): KubernetesObject[] {
  return tlsSite(name, addresses, pods.port, annotations);
}

async function shake(name: string): Promise<Handshake> {
  return shakeHands(instance.httpsPort, name);
}

async function lineFrom(name: string, alpn: readonly string[] = []): Promise<string> {
  return firstLine(instance.httpsPort, name, alpn.length === 0 ? {} : { alpn });
}

async function certificateOf(name: string): Promise<string | undefined> {
  return commonNameOf(instance.httpsPort, name);
}

function errors(): string {
  return readFileSync(join(instance.runDir, 'run', 'error.log'), 'utf8');
}

beforeAll(async () => {
  pods = await startTlsPods(3);
  [first = '', second = '', third = ''] = pods.addresses;
  flags.push(FLAG, '--stream-port', String(await freePort()));
  instance = await startInstance(
    { 'web.yaml': site('web', [first], PASSED), 'plain.yaml': site('plain', [first]) },
    { args: flags },
  );
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  pods?.stop();
});

it("the client gets the backend's own certificate, and ALPN is untouched", async () => {
  expect(await certificateOf('web')).toBe(OF_PODS);
  expect(await certificateOf('plain')).not.toBe(OF_PODS);
  expect(await lineFrom('web', ['acme-tls/1'])).toBe(`${first} acme-tls/1`);
  expect(await lineFrom('web', ['h2', 'acme-tls/1'])).toBe(`${first} acme-tls/1`);
});

it('endpoints change without a reload, and open connections remain', async () => {
  const generations = watchGenerations(instance.runDir);
  const { socket } = await shake('web');
  instance.write('web.yaml', site('web', [second, third], PASSED));
  await until('new connections go to the new endpoints only', async () => (await lineFrom('web')).includes(second));
  const seen = new Set<string>();
  for (let i = 0; i < 40; i += 1) seen.add((await lineFrom('web')).split(' ')[0] ?? '');
  expect([...seen].sort()).toEqual([second, third].sort());
  socket.removeAllListeners('data');
  socket.write('still here');
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith('still here')) break;
  }
  expect(text).toContain(first);
  socket.destroy();
  expect(generations.reloads()).toBe(0);
  generations.stop();
});

it('the annotation takes effect without a reload of NGINX', async () => {
  const generations = watchGenerations(instance.runDir);
  instance.write('plain.yaml', site('plain', [first], PASSED));
  await until('TLS is passed through', async () => (await certificateOf('plain')) === OF_PODS);
  instance.write('plain.yaml', site('plain', [first]));
  await until('NGINX terminates TLS', async () => (await certificateOf('plain')) !== OF_PODS);
  expect(generations.reloads()).toBe(0);
  generations.stop();
});

it('an endpoint that refuses connections is skipped, and without endpoints the connection is closed', async () => {
  instance.write('web.yaml', site('web', ['127.255.255.254', first], PASSED));
  await until('the other endpoints are gone', async () => (await lineFrom('web').catch(String)).startsWith(first));
  const lines = await Promise.all(Array.from({ length: 20 }, async () => lineFrom('web')));
  expect(lines.filter((line) => !line.startsWith(first))).toEqual([]);
  instance.write('web.yaml', site('web', [], PASSED));
  await until('connections are closed', async () => (await lineFrom('web').catch(String)).includes('Error'));
  await until('logged', () => errors().includes(`${NAMESPACE}/web:443 has no endpoints: the connection is closed`));
  instance.write('web.yaml', site('web', [first], PASSED));
  await until('connections are passed on again', async () => (await lineFrom('web').catch(String)).startsWith(first));
});

it('an access list applies to new connections that are passed on', async () => {
  const PREFIX = 'nginx.ingress.kubernetes.io';
  const from = async (address: string) => commonNameOf(instance.httpsPort, 'web', { from: address }).catch(String);
  expect([await from('127.0.0.8'), await from('127.0.0.9')]).toEqual([OF_PODS, OF_PODS]);
  instance.write('web.yaml', site('web', [first], { ...PASSED, [`${PREFIX}/whitelist-source-range`]: '127.0.0.9' }));
  await until('another client is denied', async () => (await from('127.0.0.8')) !== OF_PODS);
  expect([await from('127.0.0.1'), await from('127.0.0.9')]).toEqual([expect.stringContaining('Error'), OF_PODS]);
  expect(errors()).toContain('the access list of web.example.test denies the client');
  instance.write('web.yaml', site('web', [first], PASSED));
  await until('everybody is admitted again', async () => (await from('127.0.0.8')) === OF_PODS);
});

it('a host that leads back to NGINX does not use up its connections', async () => {
  const { httpsPort } = instance;
  const from = instance.lines.length;
  instance.write('loop.yaml', tlsSite('loop', ['127.0.0.1'], httpsPort, PASSED));
  await settled(instance, from);
  const socket = connect({ port: httpsPort, host: '127.0.0.1', servername: hostOf('loop') });
  socket.on('error', () => undefined);
  await until('the loop is ended', () => errors().includes('limiting connections by zone "tidegate_looped"'), 30_000);
  // The client's connection is closed with those that it caused.
  await until('the connection is closed', () => socket.closed, 30_000);
  instance.remove('loop.yaml');
  expect(await lineFrom('web')).toContain(first);
});

it('files about removed hosts are removed', async () => {
  const folder = join(instance.runDir, 'conf', 'streams');
  await expect.poll(() => readdirSync(folder).filter((name) => name.startsWith('t'))).toHaveLength(1);
});

it('turning the feature off and on, and reloads, lose no connection', async () => {
  instance.write('plain.yaml', site('plain', [first]));
  const failures: string[] = [];
  const load = { running: true, count: 0 };
  const clients = Array.from({ length: 4 }, async () => {
    while (load.running) {
      load.count += 1;
      await certificateOf('plain').catch((error: unknown) => failures.push(String(error)));
    }
  });
  for (const args of [[], [FLAG]]) {
    await instance.end('SIGKILL');
    flags.splice(0, flags.length - 2, ...args);
    const from = instance.lines.length;
    await instance.start();
    await settled(instance, from);
    const own = await certificateOf('web');
    expect(own === OF_PODS).toBe(args.length > 0);
  }
  for (const name of ['one', 'two', 'three']) {
    const from = instance.lines.length;
    instance.write(`${name}.yaml`, site(name, [first]));
    await settled(instance, from);
  }
  load.running = false;
  await Promise.all(clients);
  const logged = errors()
    .split('\n')
    .filter((line) => /\[(error|crit|alert|emerg)\]/.test(line) && !line.includes('setrlimit'));
  expect(failures, logged.join('\n')).toEqual([]);
  expect(load.count).toBeGreaterThan(50);
}, 60_000);
