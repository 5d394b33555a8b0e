/** Certificates of --wildcard-certificates-namespace. */
import { expect, test } from 'vitest';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import { issue, type KeyPair } from '../../e2e/certificates.ts';
import { MODEL_OPTIONS } from './build-fixed.ts';
import type { BuildResult } from '../types/plan.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { finish } from '../types/steps.ts';
import { DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import type { BuildOptions } from '../model/contract/options.ts';
import { createBuilder } from '../model/build.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function tlsSecret({ cert, key }: KeyPair, namespace: string, name: string, type = 'kubernetes.io/tls'): V1Secret {
  return { metadata: { namespace, name }, type, data: { 'tls.crt': base64(cert), 'tls.key': base64(key) } };
}

const [wild, exact, other] = await Promise.all([
  issue(['*.example.com', 'example.com']),
  issue(['shop.example.com']),
  issue(['other.test']),
]);

/**
 * Ingress `shop/<name>` for a host; `secretName`: undefined for an Ingress without spec.tls, empty for spec.tls without
 * a Secret.
 */
function ingress(host: string, secretName: string | undefined): V1Ingress {
  return {
    metadata: { namespace: 'shop', name: host.replace('*', 'any') },
    spec: {
      rules: [{ host, http: { paths: [] } }],
      ...(secretName !== undefined && { tls: [{ hosts: [host], ...(secretName !== '' && { secretName }) }] }),
    },
  };
}

function snapshotOf(ingresses: readonly V1Ingress[], secrets: readonly V1Secret[]): Snapshot {
  const keyed = <T extends V1Ingress | V1Secret>(all: readonly T[]) =>
    new Map(all.map((each) => [`${each.metadata?.namespace}/${each.metadata?.name}`, each]));
  return { ...emptySnapshot(), Ingress: keyed(ingresses), Secret: keyed(secrets) };
}

const OPTIONS: BuildOptions = {
  ...MODEL_OPTIONS,
  wildcardCertificatesNamespace: 'certs',
  quarantine: new Map(),
  resolvedNames: new Map(),
};

function servedIn({ plan }: BuildResult): Record<string, string> {
  return Object.fromEntries([...plan.live.names].filter(([name]) => name !== '_'));
}

const EVERYTHING = [
  ingress('shop.example.com', ''),
  ingress('a.example.com', 'missing'),
  ingress('b.example.com', 'mine'),
  ingress('c.example.com', 'wrong'),
  ingress('x.y.example.com', ''),
  ingress('plain.example.com', undefined),
  ingress('*.example.com', ''),
  ingress('example.com', ''),
];
const OWN = [tlsSecret(wild, 'shop', 'mine'), tlsSecret(other, 'shop', 'wrong')];
const POOL = [tlsSecret(wild, 'certs', 'wild'), tlsSecret(exact, 'certs', 'exact')];

test('own Secret, then a certificate of the pool for the name, then its wildcard, then the default certificate', () => {
  const result = finish(createBuilder()(snapshotOf(EVERYTHING, [...OWN, ...POOL]), OPTIONS));
  expect(servedIn(result)).toEqual({
    'shop.example.com': 'certs/exact',
    'a.example.com': 'certs/wild',
    'b.example.com': 'shop/mine',
    'c.example.com': 'certs/wild',
    'x.y.example.com': '_',
    '*.example.com': 'certs/wild',
    'example.com': 'certs/wild',
  });
  expect([...result.plan.pooledSecrets].sort()).toEqual(['certs/exact', 'certs/wild']);
  expect([...result.plan.live.certificates.keys()].sort()).toEqual(['_', 'certs/exact', 'certs/wild', 'shop/mine']);
  const about = (name: string) => result.problems.filter(({ object }) => object?.name === name);
  expect(about('a.example.com')).toMatchObject([
    {
      code: 'missing-secret',
      severity: 'notice',
      effect: 'none',
      message:
        'Secret shop/missing does not exist; a.example.com gets the certificate of Secret certs/wild of the pool',
    },
  ]);
  expect(about('c.example.com')).toMatchObject([{ code: 'certificate-name-mismatch', effect: 'none' }]);
});

test('without the flag, the pool is not used', () => {
  const options = { ...OPTIONS, wildcardCertificatesNamespace: '' };
  const { plan } = finish(createBuilder()(snapshotOf(EVERYTHING, [...OWN, ...POOL]), options));
  expect(plan.live.names.get('shop.example.com')).toBe('_');
  expect(plan.pooledSecrets.size).toBe(0);
});

test('only TLS Secrets of the namespace are in the pool, and unusable ones are reported', () => {
  const secrets = [
    tlsSecret(wild, 'certs', 'opaque', 'Opaque'),
    tlsSecret(wild, 'shop', 'elsewhere'),
    tlsSecret({ cert: 'nonsense', key: exact.key }, 'certs', 'garbled'),
  ];
  const result = finish(createBuilder()(snapshotOf(EVERYTHING, secrets), OPTIONS));
  expect(new Set(Object.values(servedIn(result)))).toEqual(new Set(['_']));
  expect(result.problems.filter(({ object }) => object?.namespace === 'certs')).toMatchObject([
    { code: 'unusable-secret', severity: 'error', object: { kind: 'Secret', name: 'garbled' } },
  ]);
});

test('a change to the pool affects the hosts for which it matters, in the next build', () => {
  const builder = createBuilder();
  const after = (...secrets: readonly V1Secret[]) =>
    finish(builder(snapshotOf(EVERYTHING, [...OWN, ...secrets]), OPTIONS));
  const [pooledWild, pooledExact] = POOL as [V1Secret, V1Secret];
  expect(servedIn(after())).toMatchObject({ 'shop.example.com': '_', 'a.example.com': '_' });
  expect(servedIn(after(pooledWild))).toMatchObject({
    'shop.example.com': 'certs/wild',
    'a.example.com': 'certs/wild',
  });
  expect(servedIn(after(pooledWild, pooledExact))).toMatchObject({ 'shop.example.com': 'certs/exact' });
  const renewed = after(pooledWild, tlsSecret(wild, 'certs', 'exact'));
  expect(servedIn(renewed)).toMatchObject({ 'shop.example.com': 'certs/exact', 'a.example.com': 'certs/exact' });
  expect(servedIn(after())).toMatchObject({ 'shop.example.com': '_', 'b.example.com': 'shop/mine' });
});

test('the number of Secrets in the pool is bounded, and the first ones are used', () => {
  const options = { ...OPTIONS, bounds: { ...DEFAULT_BOUNDS, poolCertificates: 1 } };
  const result = finish(createBuilder()(snapshotOf(EVERYTHING, POOL), options));
  expect(servedIn(result)).toMatchObject({ 'shop.example.com': 'certs/exact', 'a.example.com': '_' });
  expect(result.problems.filter(({ code }) => code === 'bound-exceeded')).toMatchObject([
    { object: { kind: 'Namespace', name: 'certs' }, effect: 'none' },
  ]);
});

test('the expiry of a certificate of the pool is reported once, on its Secret', () => {
  const now = Date.now() + 40 * 86_400_000;
  const { problems } = finish(createBuilder()(snapshotOf(EVERYTHING, POOL), { ...OPTIONS, now }));
  const expired = problems.filter(({ code }) => code === 'certificate-expired');
  expect(expired.map(({ object }) => object?.name)).toEqual(['exact', 'wild']);
});

test('an unusable Secret of the pool keeps its last good certificate; a deleted one is no longer used', () => {
  const kept = new Map([['certs/wild', POOL[0] as V1Secret]]);
  const garbled = tlsSecret({ cert: 'nonsense', key: wild.key }, 'certs', 'wild');
  const result = finish(createBuilder()(snapshotOf(EVERYTHING, [garbled]), { ...OPTIONS, keptSecrets: kept }));
  expect(servedIn(result)).toMatchObject({ 'a.example.com': 'certs/wild' });
  expect(result.problems.filter(({ code }) => code === 'certificate-kept')).toHaveLength(1);
  const deleted = finish(createBuilder()(snapshotOf(EVERYTHING, []), { ...OPTIONS, keptSecrets: kept }));
  expect(servedIn(deleted)).toMatchObject({ 'a.example.com': '_' });
});
