/**
 * The worst objects that an API server accepts from a tenant who may write Ingresses, Services, EndpointSlices, Secrets
 * and ConfigMaps in one namespace: at most 1.5 MB for an object, 256 KiB of annotations, 1 MiB of data, 1,000 endpoints
 * in a slice.
 */
import { serviceOf, sliceOf } from '../e2e/runner/endpoints.ts';
import { placeIn } from '../e2e/runner/object.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { chainOf, HOSTILE_NAMESPACE, ingress, list, MIB, secretOf } from './hostile-objects.ts';

/** Objects that a hostile tenant writes repeatedly. */
export interface Attack {
  readonly name: string;
  /**
   * The objects of one turn, which overwrite those of the previous turn. `turn` is how often they have been written
   * before.
   */
  readonly objects: (turn: number) => Promise<readonly KubernetesObject[]> | readonly KubernetesObject[];
}

const ADDRESSES = list(12_000, (i) => `10.${i % 250}.${Math.floor(i / 250) % 250}.0/24`);
/**
 * Regular expressions that may be costly to check: nested groups (each may double the time), classes, repetitions, and
 * flags that a check may not support.
 */
const COSTLY = [
  `/${'('.repeat(25)}a${')*'.repeat(25)}`,
  '/a{65535}',
  '/(?x)(x0)?(a +)+$',
  String.raw`/\p{L}+\p{L}+\p{L}+$`,
  '/(.*)(.*)(.*)(.*)(.*)x$',
  `/${'(a|a?)'.repeat(40)}`,
  `/[${'ab'.repeat(300)}]+`,
];
/** Regular expressions that a check may accept and nginx rejects. */
const REFUSED = [
  String.raw`/\u0041`,
  String.raw`/\L`,
  String.raw`/\p{Foo}`,
  '/[^]',
  String.raw`/[a-\d]`,
  '/[[:foo:]]',
  '/(?<=a+)b',
  String.raw`/(a)\2`,
  `/${'('.repeat(300)}a${')'.repeat(300)}`,
  `/${'a'.repeat(4100)}`,
];

export const ATTACKS: readonly Attack[] = [
  {
    name: '200 Ingresses that nginx may reject',
    objects: (turn) =>
      list(200, (i) =>
        ingress(`refused-${i}`, turn, {
          paths: [`${REFUSED[i % REFUSED.length] ?? '/'}${turn}`],
          annotations: { 'use-regex': 'true' },
        }),
      ),
  },
  {
    name: 'paths of 4,100 characters without an annotation',
    objects: (turn) => list(50, (i) => ingress(`long-${i}`, turn, { paths: [`/${'x'.repeat(4100)}${turn}`] })),
  },
  {
    name: 'costly regular expressions in paths',
    objects: (turn) =>
      list(10, (i) =>
        ingress(`costly-${i}`, turn, {
          paths: list(200, (j) => `${COSTLY[j % COSTLY.length] ?? '/'}x${i}x${j}x${turn}`),
          annotations: { 'use-regex': 'true' },
        }),
      ),
  },
  {
    name: '3,000 ordinary regular expressions of one host',
    objects: (turn) =>
      list(3, (i) =>
        ingress(`many-${i}`, turn, {
          hosts: ['many.hostile.test'],
          paths: list(1000, (j) => `/many${i}x${j}x${turn}(/|$)(.*)`),
          annotations: { 'use-regex': 'true' },
        }),
      ),
  },
  {
    name: 'costly regular expressions in aliases, subjects and canaries',
    objects: (turn) =>
      list(20, (i) =>
        ingress(`alias-${i}`, turn, {
          annotations: {
            'server-alias': list(50, (j) => `~^[${'ab'.repeat(150)}]+${i}x${j}x${turn}$`).join(','),
            'auth-tls-match-cn': `CN=${'('.repeat(20)}a${')*'.repeat(20)}`,
            canary: i % 2 === 0 ? 'true' : 'false',
            'canary-by-header': 'x',
            'canary-by-header-pattern': `${'('.repeat(20)}b${')*'.repeat(20)}${turn}`,
          },
        }),
      ),
  },
  {
    name: 'long address lists on many paths',
    objects: (turn) =>
      list(2, (i) =>
        ingress(`ranges-${i}`, turn, {
          paths: list(1000, (j) => `/p${j}`),
          annotations: { 'whitelist-source-range': ADDRESSES.slice(turn % 2, 10_000).join(',') },
        }),
      ),
  },
  {
    name: 'long origins on many paths',
    objects: (turn) =>
      list(4, (i) =>
        ingress(`cors-${i}`, turn, {
          paths: list(2000, (j) => `/p${j}`),
          annotations: {
            'enable-cors': 'true',
            'cors-allow-origin': list(200, (j) => `https://o${j}x${turn}.example.test`).join(','),
          },
        }),
      ),
  },
  {
    name: 'header sets on many paths',
    objects: (turn) => [
      placeIn(HOSTILE_NAMESPACE, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'headers' },
        data: Object.fromEntries(list(1000, (i) => [`X-Hostile-${i}`, `${'v'.repeat(500)}${turn}`])),
      }),
      ingress('headers', turn, {
        paths: list(2000, (j) => `/p${j}`),
        annotations: {
          'custom-headers': `${HOSTILE_NAMESPACE}/headers`,
          'proxy-set-headers': `${HOSTILE_NAMESPACE}/headers`,
        },
      }),
    ],
  },
  {
    name: 'one Ingress of 10,000 paths',
    objects: (turn) => [ingress('paths', turn, { paths: list(10_000, (j) => `/p${j}x${turn}`) })],
  },
  {
    name: 'one Ingress of 5,000 hosts',
    objects: (turn) => [ingress('hosts', turn, { hosts: list(5000, (j) => `h${j}x${turn % 2}.hostile.test`) })],
  },
  {
    name: 'a Secret of 1 MiB as certificate',
    objects: async (turn) => [
      secretOf('large', await chainOf('large.hostile.test', 0.7 * MIB)),
      ingress('large', turn, { secret: 'large' }),
    ],
  },
  {
    name: '150 Secrets of 600 kB as certificates',
    objects: async (turn) => {
      const chain = await chainOf('*.hostile.test', 600_000);
      return list(150, (i) => i).flatMap((i) => [
        secretOf(`chain-${i}`, { ...chain, turn: String(turn) }),
        ingress(`chain-${i}`, turn, { secret: `chain-${i}` }),
      ]);
    },
  },
  {
    name: '80,000 endpoints of a Service',
    objects: (turn) => [
      serviceOf('crowd', HOSTILE_NAMESPACE, { port: 80 }),
      ...list(80, (i) => {
        const addresses = list(1000, (j) => `10.${i}.${Math.floor(j / 250)}.${1 + (j % 250)}`);
        const slice = sliceOf('crowd', HOSTILE_NAMESPACE, addresses, { port: 8080 + (turn % 2) });
        return { ...slice, metadata: { ...slice.metadata, name: `crowd-${i}` } };
      }),
      ingress('crowd', turn, { annotations: { 'service-upstream': 'false' } }),
    ],
  },
  {
    name: '500 canaries of one path',
    objects: (turn) => [
      ingress('main', turn),
      ...list(500, (i) =>
        ingress(`canary-${i}`, turn, {
          hosts: ['main.hostile.test'],
          annotations: { canary: 'true', 'canary-weight': '1' },
        }),
      ),
    ],
  },
  {
    name: 'authentication, mirrors and limits on many paths',
    objects: (turn) => [
      ingress('guards', turn, {
        paths: list(1000, (j) => `/p${j}`),
        annotations: {
          'auth-url': `http://auth.hostile.test/${'q'.repeat(1000)}${turn}`,
          'mirror-target': `http://mirror.hostile.test/${'q'.repeat(1000)}${turn}$request_uri`,
          'limit-rps': '10',
          'limit-whitelist': ADDRESSES.slice(0, 5000).join(','),
        },
      }),
    ],
  },
  {
    name: 'annotations of 250,000 characters',
    objects: (turn) =>
      ['rewrite-target', 'permanent-redirect', 'upstream-hash-by', 'proxy-ssl-ciphers', 'custom-http-errors'].map(
        (key, i) => ingress(`text-${i}`, turn, { annotations: { [key]: `${'/a$1,'.repeat(50_000)}${turn}` } }),
      ),
  },
  {
    name: 'a password file of 1 MiB',
    objects: (turn) => [
      secretOf('passwords', { auth: list(20_000, (i) => `user${i}:{SHA}${'x'.repeat(27)}${turn % 2}`).join('\n') }),
      ingress('passwords', turn, {
        paths: list(500, (j) => `/p${j}`),
        annotations: { 'auth-type': 'basic', 'auth-secret': 'passwords' },
      }),
    ],
  },
  {
    name: 'client authorities of 1 MiB on many hosts',
    objects: async (turn) => [
      secretOf('authorities', { 'ca.crt': (await chainOf('authority', 0.6 * MIB))['tls.crt'] }),
      ingress('authorities', turn, {
        hosts: list(300, (j) => `ca${j}.hostile.test`),
        annotations: { 'auth-tls-secret': `${HOSTILE_NAMESPACE}/authorities`, 'auth-tls-verify-client': 'on' },
      }),
    ],
  },
  {
    name: '1,000 Ingresses with their own TLS settings',
    objects: (turn) =>
      list(1000, (i) =>
        ingress(`tls-${i}`, turn, {
          annotations: { 'ssl-ciphers': `ECDHE-RSA-AES128-GCM-SHA256${i % 2 === 0 ? ':AES256-SHA' : ''}` },
        }),
      ),
  },
];
