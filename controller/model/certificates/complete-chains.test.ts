import { X509Certificate } from 'node:crypto';
import type { V1Ingress } from '@kubernetes/client-node';
import { beforeAll, expect, test } from 'vitest';
import { type Chain, makeChain } from '../../cluster/fixtures/chain.ts';
import { NO_EXCEPTIONS } from '../../types/addresses.ts';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import type { BuildResult } from '../../types/plan.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { finish } from '../../types/steps.ts';
import { DEFAULT_BOUNDS } from '../contract/bounds.ts';
import { createBuilder } from '../build.ts';
import { DEFAULT_MODEL_FLAGS } from '../contract/flags.ts';
import type { BuildOptions } from '../contract/options.ts';

const HOSTS = ['shop.example.com', 'www.example.com'];
let chain: Chain;
let snapshot: Snapshot;

beforeAll(() => {
  chain = makeChain({ host: '*.example.com', intermediates: 2, issuerUrl: () => undefined });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(chain.certificates[0] ?? ''), 'tls.key': base64(chain.key) };
  const ingress = (name: string, secretName: string, hosts: readonly string[]): V1Ingress => ({
    metadata: { namespace: 'shop', name },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: [...hosts], secretName }],
      rules: hosts.map((host) => ({ host, http: { paths: [] } })),
    },
  });
  const secret = (name: string) => [`shop/${name}`, { metadata: { namespace: 'shop', name }, data }] as const;
  snapshot = {
    ...emptySnapshot(),
    Ingress: new Map([['shop/web', ingress('web', 'tls', HOSTS)]]),
    Secret: new Map([secret('default'), secret('tls')]),
  };
});

function options(intermediates: KnownIntermediates | undefined): BuildOptions {
  return {
    ...DEFAULT_MODEL_FLAGS,
    watchIngressWithoutClass: true,
    configMap: 'ingress-nginx/settings',
    hostPolicyConfigMap: null,
    defaultBackendService: null,
    defaultSslCertificate: 'shop/default',
    fallbackCertificate: { chain: '', key: '' },
    redirectsToSlash: false,
    addresses: NO_EXCEPTIONS,
    sslPassthrough: false,
    externalNames: true,
    httpsPort: 443,
    processors: 1,
    openFiles: { standard: 1024, most: 1024 },
    brotli: false,
    http3Obstacle: null,
    headersMore: false,
    bounds: DEFAULT_BOUNDS,
    resolvedNames: new Map(),
    quarantine: new Map(),
    ...(intermediates !== undefined && { intermediates }),
  };
}

function known(failure: string | undefined, ...places: readonly number[]): KnownIntermediates {
  const { fingerprint256 } = new X509Certificate(chain.certificates[0] ?? '');
  return new Map([[fingerprint256, { chain: places.map((place) => chain.certificates[place]).join(''), failure }]]);
}

/** Secret in use → number of certificates in the chain that is served. */
function lengths({ plan }: BuildResult): Readonly<Record<string, number>> {
  const entries = [...plan.live.certificates].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, certificate]) => [key, certificate.chain.split('BEGIN').length - 1]));
}

function incomplete({ problems }: BuildResult) {
  return problems.filter(({ code }) => code === 'incomplete-chain');
}

test('served chains get longer when a build knows more intermediates, and shorter when it knows fewer', () => {
  const builder = createBuilder();
  const served = [undefined, new Map(), known(undefined, 1), known(undefined, 1, 2), undefined].map((intermediates) =>
    lengths(finish(builder(snapshot, options(intermediates)))),
  );
  expect(served).toEqual([1, 1, 2, 3, 1].map((length) => ({ _: length, 'shop/tls': length })));
});

test('equal intermediates give the same objects, so that no certificate is sent to NGINX again', () => {
  const builder = createBuilder();
  const [first, second] = [1, 2].map(
    () => finish(builder(snapshot, options(known(undefined, 1)))).plan.live.certificates,
  );
  expect(second?.get('shop/tls')).toBe(first?.get('shop/tls'));
});

test('a failure to fetch is reported once for each Secret, and the intermediates that were found are served', () => {
  const result = finish(createBuilder()(snapshot, options(known('ca.example.com does not answer', 1))));
  expect(lengths(result)).toEqual({ _: 2, 'shop/tls': 2 });
  expect(incomplete(result)).toMatchObject(
    ['default', 'tls'].map((name) => ({
      severity: 'warning',
      effect: 'none',
      object: { kind: 'Secret', namespace: 'shop', name },
      message: 'the chain of the certificate cannot be completed: ca.example.com does not answer',
    })),
  );
});
