/** nginx accepts the result of a build, whatever Secrets, ConfigMaps and hosts contain. */
import type { V1ConfigMap, V1Ingress, V1Secret } from '@kubernetes/client-node';
import { DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { emptyWorld } from '../incremental/world.ts';
import { encoded, type Materials, randomData, randomPasswords, randomPem } from './contents.ts';
import type { Judge } from './nginx.ts';
import { snapshotOf, type Values } from './objects.ts';
import { type Random, randomOf } from './random.ts';
import { refusals } from './refusals.ts';

const LABELS = [
  'a',
  'shop',
  'xn--e1afmkfd',
  '0',
  'a-b',
  'x'.repeat(63),
  'x'.repeat(64),
  '-a',
  'a-',
  'é',
  'A',
  '*',
  '_',
  '',
  'a b',
  '$a',
  '"',
  '~',
  '~^a',
  ';',
  '{',
  '\n',
  '${x}',
  'default',
  'localhost',
];

/** A host, valid in most cases; `own` is a unique label in it. */
export function randomHost(random: Random, own: string): string {
  const labels = [
    own,
    ...Array.from({ length: 1 + random.below(4) }, () => (random.chance(0.7) ? 'example' : random.pick(LABELS))),
  ];
  const host = labels.join('.');
  return random.pick([
    host,
    host,
    host,
    host,
    `*.${host}`,
    `${host}.`,
    `.${host}`,
    host.toUpperCase(),
    host.repeat(6),
    `www.${host}`,
    '',
    '*',
    `${host}:80`,
  ]);
}

export interface Site {
  readonly ingress: V1Ingress;
  readonly secrets: readonly V1Secret[];
  readonly configMaps: readonly V1ConfigMap[];
}

/** Annotations that refer to a Secret or a ConfigMap, with the annotations without which they have no effect. */
const READERS: readonly ((random: Random, name: string) => Values)[] = [
  (random, name) => ({
    'auth-type': 'basic',
    'auth-secret': name,
    'auth-secret-type': random.pick(['auth-file', 'auth-map']),
  }),
  (random, name) => ({
    'auth-tls-secret': `shop/${name}`,
    'auth-tls-verify-client': random.pick(['on', 'optional', 'optional_no_ca']),
  }),
  (random, name) => ({
    'backend-protocol': random.pick(['HTTPS', 'GRPCS', 'AUTO_HTTP']),
    'proxy-ssl-secret': `shop/${name}`,
    'proxy-ssl-verify': random.pick(['on', 'off']),
  }),
  (_, name) => ({ 'custom-headers': `shop/${name}` }),
  (_, name) => ({ 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': `shop/${name}` }),
  (_, name) => ({ 'auth-url': 'http://auth.example.com/', 'auth-proxy-set-headers': `shop/${name}` }),
  () => ({}),
];

export function randomSite(random: Random, name: string, materials: Materials): Site {
  const metadata = { namespace: 'shop', name };
  const annotations = Object.assign({}, ...[0, 1].map(() => random.pick(READERS)(random, name))) as Values;
  const hosts = Array.from({ length: 1 + random.below(2) }, (_, index) => randomHost(random, `${name}-${index}`));
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const tlsHosts = random.chance(0.6) ? hosts : [...hosts, randomHost(random, `${name}-t`)];
  const texts: Record<string, () => string> = {
    'tls.crt': () => randomPem(random, materials),
    'tls.key': () => randomPem(random, materials),
    'ca.crt': () => randomPem(random, materials),
    'ca.crl': () => (random.chance(0.5) ? random.pick(materials.lists) : randomPem(random, materials)),
    'dhparam.pem': () => random.pick([...materials.others, randomPem(random, materials)]),
    auth: () => randomPasswords(random),
    alice: () => random.pick(['$apr1$a$b', '', 'x'.repeat(9000), 'a\nb']),
  };
  const pair = random.pick(materials.pairs);
  const data: Record<string, string> = {};
  for (const [key, make] of Object.entries(texts)) if (random.chance(0.8)) data[key] = encoded(random, make());
  // Valid content is frequent, because the code that uses it would otherwise rarely run.
  if (random.chance(0.4)) {
    data['tls.crt'] = Buffer.from(pair.cert).toString('base64');
    data['tls.key'] = Buffer.from(pair.key).toString('base64');
  }
  if (random.chance(0.4)) data['ca.crt'] = Buffer.from(random.pick(materials.pairs).cert).toString('base64');
  const written = Object.entries(annotations).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value] as const);
  return {
    ingress: {
      metadata: { ...metadata, annotations: Object.fromEntries(written) },
      spec: {
        rules: hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
        ...(random.chance(0.7) && { tls: [{ hosts: tlsHosts, secretName: random.pick([name, name, '', 'a/b']) }] }),
      },
    },
    secrets: [{ metadata, data }],
    configMaps: [{ metadata, data: randomData(random) }],
  };
}

function snapshotWith(sites: readonly Site[], settings: Values = {}): Snapshot {
  const snapshot = snapshotOf(
    sites.map(({ ingress }) => ingress),
    { 'global-allowed-response-headers': 'X-Team,x_team,Host,Connection,Proxy', ...settings },
  );
  const keyed = <T extends V1Secret | V1ConfigMap>(objects: readonly T[]) =>
    objects.map((each) => [`shop/${each.metadata?.name}`, each] as const);
  return {
    ...snapshot,
    Secret: new Map(keyed(sites.flatMap(({ secrets }) => secrets))),
    ConfigMap: new Map([...snapshot.ConfigMap, ...keyed(sites.flatMap(({ configMaps }) => configMaps))]),
  };
}

export interface Found {
  sites: number;
  /** Number of `nginx -t` runs. */
  tests: number;
  /** Number of files that NGINX loads because of the sites. */
  files: number;
  readonly refused: string[];
}

/** Builds one nginx.conf with `size` sites. An exception in a build is thrown, not recorded. */
export async function tryObjects(
  judge: Judge,
  materials: Materials,
  seed: number,
  size: number,
  found: Found,
): Promise<void> {
  const random = randomOf(seed);
  const sites = Array.from({ length: size }, (_, index) => randomSite(random, `s${index}`, materials));
  // Settings refer to the same kinds of objects.
  const settings: Values = {
    'ssl-dh-param': 'shop/s0',
    'ssl-session-ticket-key': random.pick(['shop/s1', '', 'x', Buffer.from('a'.repeat(48)).toString('base64')]),
    'proxy-set-headers': 'shop/s2',
    'add-headers': 'shop/s3',
  };
  const made = (some: readonly Site[]) =>
    judge.newBuild()(snapshotWith(some, some === sites ? settings : {}), emptyWorld().overrides).artifact;
  const whole = made(sites);
  found.sites += size;
  found.files += [...whole.files.keys()].filter((name) => whole.conf.includes(name)).length;
  const refused = await refusals(sites, async (some) => {
    found.tests += 1;
    return judge.test(some === sites ? whole : made(some));
  });
  for (const { items, message } of refused)
    found.refused.push(`seed ${seed}: ${message}: ${JSON.stringify(items.slice(0, 2)).slice(0, 3000)}`);
}
