/** Random Ingresses and settings, and Snapshots with them. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';
import { ANNOTATION_KEYS, DEFAULT_PREFIX, FEATURES } from '../../model/features/annotations.ts';
import { SETTING_KEYS } from '../../model/settings/settings.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { MODEL_OPTIONS } from '../build-fixed.ts';
import type { Random } from './random.ts';
import { placeOf, randomSnippet } from './snippets.ts';
import { randomPattern } from './patterns.ts';
import { type Examples, randomText } from './texts.ts';

export type Values = Readonly<Record<string, string>>;

/** Settings that are not tried, because nginx itself checks what an administrator writes in them. */
const OF_ADMINISTRATORS = /^(main|http|server|location|stream)-snippet$/;
/** Settings with names of files that nginx opens. */
const LOG_PATH = /log-path$/;

const names = [...ANNOTATION_KEYS.keys()];
const groups = FEATURES.map(({ keys }) => Object.keys(keys)).filter((group) => group.length > 0);
const settings = [...SETTING_KEYS].filter(([name]) => !OF_ADMINISTRATORS.test(name));
const PROTOCOLS = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI'];

/** Settings that allow an Ingress to use every annotation. */
const PERMISSIVE: Values = {
  'allow-cross-namespace-resources': 'true',
  'allow-snippet-annotations': 'true',
  'annotations-risk-level': 'Critical',
  'global-allowed-response-headers': 'X-Team',
};

/** Annotations without the prefix: a single one, some of one feature, or any combination. */
export function randomAnnotations(random: Random): Values {
  const kind = random.below(10);
  const chosen =
    kind < 5
      ? [random.pick(names)]
      : kind < 8
        ? random.pick(groups).filter(() => random.chance(0.6))
        : Array.from({ length: 2 + random.below(5) }, () => random.pick(names));
  const values: Record<string, string> = random.chance(0.5) ? { 'backend-protocol': random.pick(PROTOCOLS) } : {};
  for (const name of chosen) {
    const key = ANNOTATION_KEYS.get(name);
    const place = placeOf(name);
    if (key === undefined) continue;
    if (place !== undefined && random.chance(0.9)) values[name] = randomSnippet(random, place);
    else if (chosen.length > 1 && random.chance(0.5)) values[name] = random.pick(key.good);
    else values[name] = textFor(random, name, key);
  }
  return values;
}

/** Keys whose values may contain regular expressions. */
const WITH_PATTERNS = new Set([
  'auth-tls-match-cn',
  'block-referers',
  'block-user-agents',
  'canary-by-header-pattern',
  'gzip-disable',
  'server-alias',
  'skip-access-log-urls',
]);

function textFor(random: Random, name: string, key: Examples): string {
  return WITH_PATTERNS.has(name) && random.chance(0.6) ? randomPattern(random, key) : randomText(random, key);
}

/** Values for about the fraction `part` of all keys; most values are accepted. */
export function randomSettings(random: Random, part: number): Values {
  const values: Record<string, string> = {};
  for (const [name, key] of settings) {
    if (!random.chance(part)) continue;
    for (let tries = 0; tries < 4; tries += 1) {
      const text = random.chance(0.2) ? random.pick(key.good) : textFor(random, name, key);
      // nginx must not open other files of this machine.
      values[name] = LOG_PATH.test(name) && !text.startsWith('syslog:') ? '/var/log/nginx/access.log' : text;
      if (key.parser.parse(text.trim()).ok) break;
    }
  }
  return values;
}

/** An Ingress with its own host. */
export function ingressOf(name: string, annotations: Values, path = '/'): V1Ingress {
  const host = `${name}.example.com`;
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: {
      name,
      namespace: 'shop',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value]),
      ),
    },
    spec: {
      rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
      tls: [{ hosts: [host] }],
    },
  };
}

function configMap(namespace: string, name: string, data: Values): [string, V1ConfigMap] {
  return [`${namespace}/${name}`, { metadata: { namespace, name }, data: { ...data } }];
}

export function snapshotOf(ingresses: readonly V1Ingress[], data: Values = {}): Snapshot {
  const [namespace = '', name = ''] = MODEL_OPTIONS.configMap.split('/');
  return {
    ...emptySnapshot(),
    Ingress: new Map(ingresses.map((each) => [`shop/${each.metadata?.name ?? ''}`, each])),
    Service: new Map([['shop/web', { metadata: { namespace: 'shop', name: 'web' }, spec: { ports: [{ port: 80 }] } }]]),
    ConfigMap: new Map([
      configMap(namespace, name, { ...PERMISSIVE, ...data }),
      // ConfigMaps that the examples of annotations refer to.
      configMap('shop', 'headers', { 'X-Team': 'blue' }),
      configMap('shop', 'auth-headers', { 'X-Asked-By': '$host' }),
      configMap('shop', 'php-params', { APP_ENV: 'production', USER: '$http_x_user' }),
    ]),
  };
}
