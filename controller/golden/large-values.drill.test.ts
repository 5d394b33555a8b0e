/**
 * Live values of every kind, as large as the flags allow: each fits into one delta, or is rejected with a
 * Problem that names the bound and its flag. Other objects are not affected.
 */
import type { V1ConfigMap, V1Ingress, V1Secret } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import { type Built, createBuild } from '../app/build.ts';
import { BOUNDS, boundsFrom, DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import { entryFault } from '../nginx/batch.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put, putSlice, type World } from './incremental/world.ts';

const PREFIX = MODEL_OPTIONS.annotationsPrefix;
const RENDER = createRender(TEMPLATES, RENDER_OPTIONS);
const LARGEST = boundsFrom((flag) => Object.values(BOUNDS).find((row) => row.flag === flag)?.most);
const pair = await issue(['greedy.test']);

type Texts = Readonly<Record<string, string>>;

function list(count: number, item: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => item(n)).join(',');
}

function ingress(name: string, annotations: Texts, service = 'web'): V1Ingress {
  const named = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value]));
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    metadata: { namespace: 'shop', name, annotations: named },
    spec: {
      tls: [{ hosts: [`${name}.test`], secretName: name }],
      rules: [{ host: `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

function withIngress(world: World, name: string, annotations: Texts = {}): World {
  return put(world, 'Ingress', `shop/${name}`, ingress(name, annotations));
}

function withSettings(world: World, data: Record<string, string>): World {
  const configMap: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'c' }, data };
  return put(world, 'ConfigMap', MODEL_OPTIONS.configMap, configMap);
}

function headers(world: World, count: number, bytes: number): World {
  const entries = Array.from({ length: count }, (_, n): [string, string] => [`X-${n}`, 'v'.repeat(bytes)]);
  const metadata = { namespace: 'shop', name: 'h' };
  return put(world, 'ConfigMap', 'shop/h', { metadata, data: Object.fromEntries(entries) });
}

function secret(world: World, crt: string): World {
  const data = { 'tls.crt': Buffer.from(crt).toString('base64'), 'tls.key': Buffer.from(pair.key).toString('base64') };
  return put(world, 'Secret', 'shop/greedy', {
    metadata: { namespace: 'shop', name: 'greedy' },
    data,
  } satisfies V1Secret);
}

function canaries(world: World): World {
  let all = world;
  for (let n = 0; n < 150; n += 1) {
    const pattern = {
      canary: 'true',
      'canary-by-header': 'X-Team',
      'canary-by-header-pattern': `^${'z'.repeat(1000)}${n}`,
    };
    const { metadata: { annotations = {} } = {}, spec } = ingress('greedy', pattern, `canary-${n}-${'w'.repeat(40)}`);
    all = put(all, 'Ingress', `shop/canary-${n}`, {
      metadata: { namespace: 'shop', name: `canary-${n}`, annotations },
      spec: { rules: spec?.rules ?? [] },
    });
  }
  return all;
}

function endpoints(world: World): World {
  const service = { metadata: { namespace: 'shop', name: 'web' }, spec: { ports: [{ port: 80 }] } };
  const addresses = Array.from(
    { length: 80_000 },
    (_, n) => `2001:db8:1111:2222:3333:4444:${(n >> 12).toString(16)}:${(n & 0xfff).toString(16)}`,
  );
  return putSlice(put(world, 'Service', 'shop/web', service), 'shop/web', {
    metadata: { namespace: 'shop', name: 'web', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv6',
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports: [{ port: 8080 }],
  });
}

/** A description, a world with a large value in it, and the Problem about that value with the default bounds. */
const KINDS: readonly (readonly [kind: string, world: (world: World) => World, said: RegExp])[] = [
  [
    'a certificate',
    (world) => secret(withIngress(world, 'greedy'), pair.cert + '\n'.repeat(400_000)),
    /more than the 65536 of --max-certificate-bytes/,
  ],
  [
    'a chain',
    (world) => secret(withIngress(world, 'greedy'), pair.cert.repeat(90)),
    /more than the 16 of --max-certificate-chain/,
  ],
  ['endpoints', (world) => endpoints(withIngress(world, 'greedy')), /more than the 10000 of --max-service-endpoints/],
  [
    'a redirect',
    (world) => withIngress(world, 'greedy', { 'permanent-redirect': `https://a.test/${'p'.repeat(250_000)}` }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'a hash key',
    (world) => withIngress(world, 'greedy', { 'upstream-hash-by': 'x'.repeat(250_000) }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'a rewrite',
    (world) => withIngress(world, 'greedy', { 'rewrite-target': `/${'t'.repeat(250_000)}` }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'lists of origins and headers',
    (world) =>
      withIngress(world, 'greedy', {
        'enable-cors': 'true',
        'cors-allow-origin': list(9000, (n) => `https://h${n}.example.test`),
        'cors-expose-headers': list(20_000, (n) => `x-${n}`),
      }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'lists of sources',
    (world) =>
      withIngress(world, 'greedy', {
        'allowlist-source-range': list(9000, (n) => `2001:db8:${n.toString(16)}::1/128`),
        'denylist-source-range': list(15_000, (n) => `10.${n >> 8}.${n & 255}.1`),
      }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'headers of a ConfigMap',
    (world) =>
      withIngress(
        withSettings(headers(world, 900, 240), { 'global-allowed-response-headers': list(900, (n) => `X-${n}`) }),
        'greedy',
        { 'custom-headers': 'shop/h' },
      ),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'a snippet',
    (world) =>
      withIngress(
        withSettings(world, { 'allow-snippet-annotations': 'true', 'annotations-risk-level': 'Critical' }),
        'greedy',
        { 'configuration-snippet': `set $a "${'v'.repeat(1000)}";\n`.repeat(200) },
      ),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  ['canaries', (world) => canaries(withIngress(world, 'greedy')), /already has 100 older canaries/],
  [
    'headers of all responses',
    (world) => withSettings(headers(world, 900, 240), { 'add-headers': 'shop/h' }),
    /more than the 65536 of --max-annotation-bytes/,
  ],
  [
    'lists of blocked headers',
    (world) =>
      withSettings(world, {
        'block-user-agents': list(40_000, (n) => `agent-${n}-xxxxxxxxxx`),
        'block-referers': list(40_000, (n) => `~referer-${n}-xxxxxxxxxx`),
      }),
    /block-referers.* bytes as live data, more than the 200000 that one list may have/,
  ],
];

function builtFrom({ snapshot, overrides }: World, bounds = DEFAULT_BOUNDS): Built {
  return createBuild({ ...MODEL_OPTIONS, bounds }, () => RENDER)(snapshot, overrides);
}

/** Routes of the Ingress `neighbour` in the live data. */
function neighbours({ artifact: { live }, plan }: Built): unknown[] {
  const routes = [...plan.live.routes].filter(([, { ingress: owner }]) => owner === 'shop/neighbour');
  return routes.map(([key]) => [key, live.get(`r:${key}`)]);
}

test.each(KINDS)(
  'after a request for %s of extreme size, live values fit into one delta and a Problem names the bound',
  async (_, greedy, said) => {
    const alone = withIngress(emptyWorld(), 'neighbour');
    const expected = neighbours(builtFrom(alone));
    expect(expected.length).toBeGreaterThan(0);
    const [usual, largest] = [DEFAULT_BOUNDS, LARGEST].map((bounds) => builtFrom(greedy(alone), bounds));
    for (const made of [usual, largest]) {
      const live = made?.artifact.live ?? new Map<string, string>();
      expect([...live].flatMap(([key, value]) => entryFault(key, value) ?? [])).toEqual([]);
      expect(live.has('g:settings')).toBe(true);
      expect(made && neighbours(made)).toEqual(expected);
    }
    const told = usual?.problems.map(({ field = [], message }) => `${field.join('.')}: ${message}`);
    expect(told).toContainEqual(expect.stringMatching(said));
    // The Problem is about the object with the large value, not about other objects.
    expect(
      usual?.problems.filter(({ object, effect }) => object?.name === 'neighbour' && effect === 'denied-location'),
    ).toEqual([]);
  },
);
