/**
 * If Secrets and ConfigMaps that guard access become invalid, their last good content applies, even after a restart.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue, type KeyPair } from '../certificates.ts';
import { authorities, clients } from '../runner/clients.ts';
import { settled, startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

let backends: Backends;
let instance: Instance;
let first: KeyPair;
let second: KeyPair;

type Data = Readonly<Record<string, string>>;

/** Name of an object → its data. */
type Contents = Readonly<Record<'ca' | 'backend' | 'users' | 'headers' | 'default', Data>>;

function good(): Contents {
  return {
    ca: { 'ca.crt': authorities().trusted, 'ca.crl': authorities().crl },
    backend: { 'ca.crt': backends.authority.cert },
    users: { auth: 'alice:{PLAIN}secret\n' },
    headers: { 'X-Team': 'blue' },
    default: { 'tls.crt': first.cert, 'tls.key': first.key },
  };
}

function bad(): Contents {
  return {
    ca: { 'ca.crt': authorities().trusted, 'ca.crl': 'nonsense' },
    backend: { 'ca.crt': 'nonsense' },
    users: { auth: 'nonsense\n' },
    headers: { 'X-Team': 'blue', Connection: 'close' },
    default: { 'tls.crt': second.cert, 'tls.key': first.key },
  };
}

function objectOf(name: string, data: Data): KubernetesObject {
  const metadata = { name, namespace: NAMESPACE };
  if (name === 'headers') return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(encoded) };
}

function write(contents: Contents): void {
  instance.write(
    'objects.yaml',
    Object.entries(contents).map(([name, data]) => objectOf(name, data)),
  );
}

const SETTINGS: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
  data: { 'global-allowed-response-headers': 'X-Team' },
};

async function start(...args: string[]): Promise<void> {
  const [pods, secure] = [takeAddresses(1), takeAddresses(1)];
  const annotated = (name: string, service: string, annotations: Record<string, string>) =>
    ingressOf(name, service, { annotations });
  instance = await startInstance(
    {
      'settings.yaml': [SETTINGS],
      'pods.yaml': [...podsOf('app', pods, backends.ports.http), ...podsOf('tls', secure, backends.ports.https)],
      'sites.yaml': [
        annotated('client', 'app', { 'auth-tls-secret': `${NAMESPACE}/ca` }),
        annotated('backend', 'tls', {
          'backend-protocol': 'HTTPS',
          'proxy-ssl-secret': `${NAMESPACE}/backend`,
          'proxy-ssl-verify': 'on',
          'proxy-ssl-name': 'backend.test',
        }),
        annotated('users', 'app', { 'auth-type': 'basic', 'auth-secret': 'users' }),
        annotated('headers', 'app', { 'custom-headers': `${NAMESPACE}/headers` }),
      ],
    },
    { args: ['--default-ssl-certificate', `${NAMESPACE}/default`, ...args], start: false },
  );
  write(good());
  await instance.start();
}

interface Answer {
  readonly status: number | undefined;
  readonly team: unknown;
  readonly serial: string | undefined;
}

async function ask(site: string, options: { client?: KeyPair; auth?: string } = {}): Promise<Answer> {
  const host = hostOf(site);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { client, auth } = options;
  request(
    {
      port: instance.httpsPort,
      host: '127.0.0.1',
      servername: host,
      headers: { host },
      agent: false,
      rejectUnauthorized: false,
      ...client,
      ...(auth !== undefined && { auth }),
    },
    (answer) => {
      const serial = (answer.socket as TLSSocket).getPeerX509Certificate()?.serialNumber;
      answer.resume().once('end', () => resolve({ status: answer.statusCode, team: answer.headers['x-team'], serial }));
    },
  )
    .once('error', reject)
    .end();
  return promise;
}

/** The results of requests to all guarded sites, with and without credentials. */
async function seen() {
  const { alice, revoked, stranger } = clients();
  const status = async (...given: Parameters<typeof ask>) => (await ask(...given)).status;
  const { serial } = await ask('headers');
  return {
    clients: await Promise.all(
      [alice, revoked, stranger, undefined].map((client) => status('client', client && { client })),
    ),
    backend: await status('backend'),
    users: await Promise.all(
      ['alice:secret', 'alice:other', undefined].map((auth) => status('users', auth === undefined ? {} : { auth })),
    ),
    team: (await ask('headers')).team,
    certificate: serial === serialOf(first) ? 'first' : 'other',
  };
}

function serialOf({ cert }: KeyPair): string {
  return new X509Certificate(cert).serialNumber;
}

const OPEN_TO_WHOM_IT_WAS = {
  clients: [200, 400, 400, 400],
  backend: 200,
  users: [200, 401, 401],
  team: 'blue',
  certificate: 'first',
};
const CLOSED = { clients: [503, 503, 503, 503], backend: 503, users: [503, 503, 503], team: undefined };

const KEPT = [
  /Secret sites\/ca holds a ca.crl that is not a list .*; its last good content stays in force: the authority with the serial/,
  /Secret sites\/backend has no PEM certificate in ca.crt; its last good content stays in force: the authority/,
  /Secret sites\/users is not user:hash in line 1 .*; its last good content stays in force: 1 user/,
  /ConfigMap sites\/headers cannot be used: .*Connection.*; its last good content stays in force: X-Team/,
  /the default certificate holds a tls.key that does not belong to tls.crt; its last good certificate stays in force/,
];

function storedFiles(): string[] {
  const folder = join(instance.runDir, 'controller', 'kept');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => (name.endsWith('.json') ? [join(folder, name)] : []));
}

async function toldSince(from: number): Promise<void> {
  for (const line of KEPT) await instance.line(line, from);
}

beforeAll(async () => {
  backends = await startBackends();
  [first, second] = await Promise.all([issue(['default.test']), issue(['default.test'])]);
}, 60_000);
afterEach(async () => instance?.dispose());
afterAll(async () => backends?.stop());

it('invalid Secrets and ConfigMaps leave their last good content in force, even after a restart', async () => {
  await start();
  expect(await seen()).toEqual(OPEN_TO_WHOM_IT_WAS);
  let from = instance.lines.length;
  write(bad());
  await toldSince(from);
  expect(await seen()).toEqual(OPEN_TO_WHOM_IT_WAS);
  for (const file of storedFiles()) expect(statSync(file).mode & 0o777).toBe(0o600);

  await instance.end('SIGKILL');
  from = instance.lines.length;
  await instance.start();
  await toldSince(from);
  expect(await seen()).toEqual(OPEN_TO_WHOM_IT_WAS);

  from = instance.lines.length;
  // With another CA and other users, the last good content no longer applies.
  write({
    ...good(),
    ca: { 'ca.crt': authorities().stranger },
    users: { auth: 'alice:{PLAIN}other\n' },
    default: { 'tls.crt': second.cert, 'tls.key': second.key },
  });
  const next = { clients: [400, 400, 200, 400], users: [401, 200, 401], certificate: 'other' };
  await settled(instance, from);
  expect(await seen()).toMatchObject(next);
}, 120_000);

it('the last good content of Secrets and ConfigMaps applies if they became invalid without a controller', async () => {
  await start();
  await until('the content of all objects is stored', () => storedFiles().length === Object.keys(good()).length);
  await instance.end('SIGKILL');
  write(bad());
  const from = instance.lines.length;
  await instance.start();
  await toldSince(from);
  expect(await seen()).toEqual(OPEN_TO_WHOM_IT_WAS);
}, 120_000);

it('sites answer 503 if their Secrets and ConfigMaps became invalid and the run directory was deleted', async () => {
  await start();
  await instance.end('SIGINT');
  rmSync(instance.runDir, { recursive: true });
  write(bad());
  await instance.start();
  expect(await seen()).toEqual({ ...CLOSED, certificate: 'other' });
}, 120_000);

it('sites answer 503 if their Secrets and ConfigMaps were deleted, even if invalid ones follow', async () => {
  await start();
  let from = instance.lines.length;
  instance.remove('objects.yaml');
  await instance.line(/Secret sites\/ca does not exist/, from);
  await settled(instance, from);
  expect(await seen()).toEqual({ ...CLOSED, certificate: 'first' });
  from = instance.lines.length;
  write(bad());
  await instance.line(/Secret sites\/ca holds a ca.crl that is not a list/, from);
  expect(await seen()).toEqual({ ...CLOSED, certificate: 'first' });
  await instance.end('SIGKILL');
  await instance.start();
  expect(await seen()).toEqual({ ...CLOSED, certificate: 'first' });
}, 120_000);

it('the last good content of Secrets and ConfigMaps applies for no longer than --keep-certificates', async () => {
  await start('--keep-certificates=0');
  const from = instance.lines.length;
  write(bad());
  await instance.line(/Secret sites\/ca holds a ca.crl that is not a list/, from);
  await settled(instance, from);
  expect(await seen()).toEqual({ ...CLOSED, certificate: 'other' });
}, 120_000);
