/**
 * An object that exceeds a bound affects only itself: its Problem names the bound and the flag, and all other objects
 * are served.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { beforeAll, expect, test } from 'vitest';
import { type Built, createBuild } from '../app/build.ts';
import { BOUNDS, type BoundName, boundsFrom, DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import { keyRefusal } from '../model/values/pem/key-kind.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put, putSlice, type World } from './incremental/world.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PREFIX = MODEL_OPTIONS.annotationsPrefix;

let pem: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'a.test' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'a.test' }] }],
  });
  pem = { cert: made.cert, key: made.private };
});

function builtFrom(world: World, small: Partial<Record<BoundName, number>> = {}): Built {
  const flags = new Map(Object.entries(small).map(([name, value]) => [BOUNDS[name as BoundName].flag, value]));
  const options = { ...MODEL_OPTIONS, bounds: boundsFrom((flag) => flags.get(flag)) };
  return createBuild(options, () => createRender(TEMPLATES, RENDER_OPTIONS))(world.snapshot, world.overrides);
}

function ingress(
  name: string,
  hosts: readonly string[],
  paths: readonly string[],
  more: {
    readonly annotations?: Record<string, string>;
    readonly tls?: { hosts: string[]; secretName: string }[];
  } = {},
): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: { namespace: 'shop', name, ...(more.annotations && { annotations: more.annotations }) },
    spec: {
      ...(more.tls && { tls: more.tls }),
      rules: hosts.map((host) => ({
        host,
        http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend })) },
      })),
    },
  };
}

const within = (world: World, object: V1Ingress) => put(world, 'Ingress', `shop/${object.metadata?.name}`, object);
const neighbour = (world: World) => within(world, ingress('neighbour', ['n.test'], ['/', '/n']));

function secret(name: string, data: Record<string, string>): [string, V1Secret] {
  return [`shop/${name}`, { metadata: { namespace: 'shop', name }, data }];
}

/** Locations of a host in nginx.conf, by their paths. */
function pathsOf({ plan }: Built, host: string): string[] {
  const found = [...plan.static.hosts.values()].find(({ names }) => names.some(({ text }) => text === host));
  return [...new Set(found?.locations.map(({ match }) => match.text) ?? [])];
}

function messages({ problems }: Built, name: string): string[] {
  return problems
    .filter(({ object, effect }) => object?.name === name && effect !== 'no-endpoints')
    .map(({ message }) => message);
}

test('of an Ingress with too many hosts, only the hosts listed first are served', () => {
  const world = within(neighbour(emptyWorld()), ingress('many', ['b.test', 'a.test', 'c.test'], ['/']));
  const made = builtFrom(world, { ingressHosts: 2 });
  expect(messages(made, 'many')).toEqual([
    'the Ingress has 3 hosts, more than the 2 of --max-ingress-hosts; the hosts listed first are served; the others are not',
  ]);
  expect(['b.test', 'a.test', 'c.test', 'n.test'].map((host) => pathsOf(made, host).length > 0)).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(messages(builtFrom(world), 'many')).toEqual([]);
});

test('the limit on the paths of an Ingress counts the paths of all its hosts', () => {
  const world = within(neighbour(emptyWorld()), ingress('many', ['a.test', 'b.test'], ['/', '/x', '/y']));
  const made = builtFrom(world, { ingressPaths: 4 });
  expect(messages(made, 'many')).toEqual([
    expect.stringContaining('has 6 paths, more than the 4 of --max-ingress-paths'),
  ]);
  expect(pathsOf(made, 'a.test')).toEqual(pathsOf(builtFrom(world), 'a.test'));
  expect(pathsOf(builtFrom(world), 'b.test')).toContain('/x/');
  expect(pathsOf(made, 'b.test')).not.toContain('/x/');
  expect(pathsOf(made, 'n.test')).toEqual(pathsOf(builtFrom(world), 'n.test'));
});

test.each([
  ['cors-allow-origin', 'ignored-key', false],
  ['whitelist-source-range', 'denied-location', true],
])('if the annotation %s is too long, it is reported with the effect "%s"', (name, effect, denied) => {
  const value = Array.from({ length: 200 }, (_, n) =>
    name === 'cors-allow-origin' ? `https://h${n}.test` : `10.0.0.${n}`,
  ).join(',');
  const annotations = { [`${PREFIX}/${name}`]: value, [`${PREFIX}/enable-cors`]: 'true' };
  const world = within(neighbour(emptyWorld()), ingress('long', ['a.test'], ['/'], { annotations }));
  const made = builtFrom(world, { annotationBytes: 1024 });
  expect(made.problems.filter(({ object }) => object?.name === 'long')).toContainEqual(
    expect.objectContaining({
      effect,
      message: expect.stringContaining(
        `${name} has ${value.length} bytes, more than the 1024 of --max-annotation-bytes`,
      ) as string,
    }),
  );
  const routes = [...made.plan.live.routes.values()].filter(({ deny }) => deny === 503);
  expect(routes.length > 0).toBe(denied);
});

test.each<[string, (text: typeof pem) => Record<string, string>, Partial<Record<BoundName, number>>, string]>([
  [
    'bytes',
    ({ cert, key }) => ({ 'tls.crt': cert + '\n'.repeat(9000), 'tls.key': key }),
    { certificateBytes: 8192 },
    'more than the 8192 of --max-certificate-bytes',
  ],
  [
    'certificates',
    ({ cert, key }) => ({ 'tls.crt': cert.repeat(4), 'tls.key': key }),
    { chainLength: 3 },
    'has 4 certificates, more than the 3 of --max-certificate-chain',
  ],
])('a certificate with too many %s is not used', (_, data, small, message) => {
  const texts = Object.entries(data(pem)).map(([name, text]) => [name, base64(text)]);
  const good = { 'tls.crt': base64(pem.cert), 'tls.key': base64(pem.key) };
  let world = put(emptyWorld(), 'Secret', ...secret('bad', Object.fromEntries(texts) as Record<string, string>));
  world = put(world, 'Secret', ...secret('good', good));
  for (const [name, host] of [
    ['bad', 'a.test'],
    ['good', 'b.test'],
  ] as const) {
    const tls = [{ hosts: [host], secretName: name }];
    world = within(world, ingress(name, [host], ['/'], { tls }));
  }
  const made = builtFrom(world, small);
  expect(messages(made, 'bad')).toEqual([expect.stringContaining(message)]);
  expect([...made.plan.live.certificates.keys()]).not.toContain('shop/bad');
  expect(made.plan.live.names.get('a.test')).toBe('_');
  expect([...builtFrom(world).plan.live.certificates.keys()]).toContain('shop/bad');
});

test('private keys of a kind or size that is not accepted are refused', () => {
  const refusalOf = (key: { readonly privateKey: Parameters<typeof keyRefusal>[0] }) =>
    keyRefusal(key.privateKey, DEFAULT_BOUNDS);
  // The key is simulated, because generating large keys takes seconds.
  const rsa = (modulusLength: number) =>
    refusalOf({ privateKey: { asymmetricKeyType: 'rsa', asymmetricKeyDetails: { modulusLength } } });
  const ec = (namedCurve: string) => refusalOf(generateKeyPairSync('ec', { namedCurve }));
  expect(refusalOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))).toBe(rsa(1024));
  expect([
    rsa(2048),
    rsa(4096),
    ec('P-256'),
    ec('P-384'),
    ec('P-521'),
    refusalOf(generateKeyPairSync('ed25519')),
  ]).toEqual(Array.from({ length: 6 }, () => undefined));
  expect(rsa(1024)).toBe('has an RSA key of 1024 bits, fewer than the 2048 that OpenSSL requires');
  expect(rsa(4104)).toBe('has an RSA key of 4104 bits, more than the 4096 of --max-rsa-bits');
  expect(ec('secp256k1')).toContain('accepted: P-256, P-384 and P-521');
  expect(refusalOf(generateKeyPairSync('ed448'))).toContain('accepted: RSA, ECDSA and Ed25519');
});

test('of a Service with too many endpoints, only the first endpoints are used', () => {
  const slice = (name: string, third: number, count: number) => ({
    metadata: { namespace: 'shop', name },
    addressType: 'IPv4' as const,
    ports: [{ port: 8080 }],
    endpoints: Array.from({ length: count }, (_, n) => ({ addresses: [`10.0.${third}.${n}`] })),
  });
  let world = within(neighbour(emptyWorld()), ingress('large', ['a.test'], ['/']));
  world = put(world, 'Service', 'shop/web', {
    metadata: { namespace: 'shop', name: 'web' },
    spec: { ports: [{ port: 80, targetPort: 8080 }] },
  });
  world = putSlice(world, 'shop/web', slice('a', 1, 150));
  const made = builtFrom(world, { serviceEndpoints: 100 });
  expect(made.plan.live.backends.get('shop/web/80')?.endpoints).toHaveLength(100);
  expect(made.problems.filter(({ code }) => code === 'bound-exceeded').map(({ message }) => message)).toEqual([
    expect.stringContaining('Service shop/web has 150 endpoints, more than the 100 of --max-service-endpoints'),
  ]);
  expect(builtFrom(world).plan.live.backends.get('shop/web/80')?.endpoints).toHaveLength(150);
});

test.each<[string, Record<string, string>, Record<string, string>, BoundName]>([
  [
    'passwords',
    { auth: `alice:$apr1$x$${'y'.repeat(22)}\n${'#'.repeat(3000)}` },
    { 'auth-type': 'basic', 'auth-secret': 'shop/given' },
    'authFileBytes',
  ],
  ['authorities of clients', { 'ca.crt': 'x'.repeat(9000) }, { 'auth-tls-secret': 'shop/given' }, 'authoritiesBytes'],
  [
    'authorities of backends',
    { 'ca.crt': 'x'.repeat(9000) },
    { 'proxy-ssl-secret': 'shop/given', 'backend-protocol': 'HTTPS' },
    'authoritiesBytes',
  ],
])('if %s exceed a bound, the paths that they guard answer 503', (_, data, given, bound) => {
  const texts = Object.entries(data).map(([name, text]) => [name, base64(text)]);
  const annotations = Object.fromEntries(Object.entries(given).map(([name, value]) => [`${PREFIX}/${name}`, value]));
  let world = put(
    neighbour(emptyWorld()),
    'Secret',
    ...secret('given', Object.fromEntries(texts) as Record<string, string>),
  );
  world = within(world, ingress('guarded', ['a.test'], ['/'], { annotations }));
  const made = builtFrom(world, { [bound]: bound === 'authFileBytes' ? 2048 : 8192 });
  expect(messages(made, 'guarded')).toContainEqual(expect.stringContaining(`of --${BOUNDS[bound].flag}`));
  expect([...made.plan.live.routes.values()].some(({ deny }) => deny === 503)).toBe(true);
});
