/**
 * NGINX's decoder accepts all live data that the model creates. This is important, because a refused key would leave
 * the old value in force. Long values are created from annotations that reach their size limit.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, startFixture } from './fixture.ts';
import { refusedKeys } from './decoder.ts';
import { readManifests } from '../../controller/cluster/index.ts';
import { DEFAULT_BOUNDS } from '../../controller/model/contract/bounds.ts';
import type { Snapshot } from '../../controller/types/snapshot.ts';
import { buildFixed } from '../../controller/golden/build-fixed.ts';
import { longAnnotations, site } from '../../controller/golden/multiply/site.ts';
import { ingressOf, randomAnnotations, randomSettings, snapshotOf } from '../../controller/golden/values/objects.ts';
import { randomOf } from '../../controller/golden/values/random.ts';

const CASES = path.join(import.meta.dirname, '../../controller/golden/cases');

let nginx: Fixture;

beforeAll(async () => {
  nginx = await startFixture({ dict: '256m' });
});

afterAll(() => nginx?.stop());

/** The live data of a snapshot, without certificates, because the certificates of these snapshots are invalid. */
function liveOf(snapshot: Snapshot): ReadonlyMap<string, string> {
  return new Map([...buildFixed(snapshot).artifact.live].filter(([key]) => !/^[cn]:/.test(key)));
}

async function expectTaken(snapshot: Snapshot): Promise<number> {
  const live = liveOf(snapshot);
  expect(await refusedKeys(nginx, live)).toEqual([]);
  return live.size;
}

test.each(readdirSync(CASES).sort())('NGINX accepts the live data of the golden case %s', async (name) => {
  await expectTaken((await readManifests([path.join(CASES, name, 'in.yaml')])).snapshot);
});

test.each([...longAnnotations(DEFAULT_BOUNDS.annotationBytes)])(
  'NGINX accepts the live data of an Ingress with the longest %s',
  async (_, annotations) => {
    await expectTaken(site(annotations, 3, { bytes: DEFAULT_BOUNDS.annotationBytes }));
  },
);

const numbered = (count: number, text: (index: number) => string, separator = ',') =>
  Array.from({ length: count }, (_, index) => text(index)).join(separator);
const short = (index: number) => index.toString(36);

/** Annotations with as many items as their size limits allow, and the text that names them in the title of a test. */
const MANY: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['many captures in rewrite-target', { 'rewrite-target': `/${'$1a'.repeat(20_000)}` }],
  ['many captures in x-forwarded-prefix', { 'rewrite-target': '/b', 'x-forwarded-prefix': `/${'$1a'.repeat(20_000)}` }],
  ['many variables in upstream-hash-by', { 'upstream-hash-by': '$uri-'.repeat(12_000) }],
  ['many variables in mirror-target', { 'mirror-target': `http://a.example.com/${'$args-'.repeat(10_000)}` }],
  ['many variables in auth-url', { 'auth-url': `http://a.example.com/${'$args-'.repeat(10_000)}` }],
  [
    'many variables in auth-signin',
    { 'auth-url': 'http://a.example.com/', 'auth-signin': `/${'$args-'.repeat(10_000)}` },
  ],
  [
    'many variables in auth-cache-key',
    { 'auth-url': 'http://a.example.com/', 'auth-cache-key': `$http_x_a${'$host-'.repeat(10_000)}` },
  ],
  [
    'many origins in cors-allow-origin',
    { 'enable-cors': 'true', 'cors-allow-origin': numbered(9300, (index) => `a://${short(index)}`) },
  ],
  [
    'many headers in response-set-headers',
    { 'response-set-headers': numbered(6000, (index) => `A${short(index)}:$uri`, '\n') },
  ],
  [
    'many headers in response-add-headers',
    { 'response-add-headers': numbered(6000, (index) => `A${short(index)}:b`, '\n') },
  ],
  [
    'many headers in response-remove-headers',
    { 'response-remove-headers': numbered(9000, (index) => `A${short(index)}`) },
  ],
  ['many variables in one header of response-set-headers', { 'response-set-headers': `A: ${'$host'.repeat(800)}` }],
  [
    'many headers in auth-response-headers',
    {
      'auth-url': 'http://a.example.com/',
      'auth-cache-key': '$http_authorization',
      'auth-response-headers': numbered(9000, (index) => `A${short(index)}`),
    },
  ],
  [
    'many headers in a configuration-snippet',
    { 'configuration-snippet': `more_set_headers ${numbered(5000, (index) => `"A${short(index)}: b"`, ' ')};` },
  ],
  [
    'many variables in a configuration-snippet',
    { 'configuration-snippet': numbered(490, (index) => `set $a${index} ${'$host'.repeat(20)};`, '\n') },
  ],
  ['an IPv6 address in mirror-target', { 'mirror-target': 'http://[2001:db8::1]:8080/' }],
];

test.each(MANY)('NGINX accepts the live data of an Ingress with %s', async (_, annotations) => {
  const settings = { 'annotations-risk-level': 'Critical', 'allow-snippet-annotations': 'true' };
  const all = { ...annotations, ...('auth-url' in annotations && { 'auth-keepalive': '2' }) };
  await expectTaken(snapshotOf([ingressOf('a', annotations), ingressOf('b', all)], settings));
});

test('NGINX accepts the live data of a path with many canaries, each with long values', async () => {
  const long = (letter: string) => letter.repeat(120);
  const canaries = Array.from({ length: 120 }, (_, index) => {
    const object = ingressOf('a', {
      canary: 'true',
      'canary-by-header': `X-${long('H')}${index}`,
      'canary-by-header-value': `${long('v')}${index}`,
      'canary-by-cookie': `${long('c')}${index}`,
      'upstream-hash-by': `$uri${long('h')}${index}`,
    });
    object.metadata = { namespace: 'shop', name: `canary${index}`, annotations: object.metadata?.annotations ?? {} };
    return object;
  });
  await expectTaken(snapshotOf([ingressOf('a', {}), ...canaries]));
});

test('NGINX accepts the live data of Ingresses whose headers come from a ConfigMap with many entries', async () => {
  const annotations = { 'custom-headers': 'shop/headers', 'auth-url': 'http://a.example.com/', 'auth-keepalive': '2' };
  const names = Array.from({ length: 3000 }, (_, index) => `A${index}`);
  const snapshot = snapshotOf(
    [ingressOf('a', annotations), ingressOf('b', { ...annotations, 'auth-proxy-set-headers': 'shop/headers' })],
    { 'add-headers': 'shop/headers', 'global-allowed-response-headers': names.join() },
  );
  for (const count of [900, 3000]) {
    const data = Object.fromEntries(names.slice(0, count).map((name) => [name, 'b']));
    const headers = { metadata: { namespace: 'shop', name: 'headers' }, data };
    await expectTaken({ ...snapshot, ConfigMap: new Map([...snapshot.ConfigMap, ['shop/headers', headers]]) });
  }
});

test('NGINX accepts the live data of random annotations and settings', async () => {
  const random = randomOf(7);
  let keys = 0;
  for (let round = 0; round < 5; round += 1) {
    const ingresses = Array.from({ length: 100 }, (_, index) => ingressOf(`i${index}`, randomAnnotations(random)));
    keys += await expectTaken(snapshotOf(ingresses, round === 0 ? {} : randomSettings(random, 0.5)));
  }
  expect(keys).toBeGreaterThan(300);
});
