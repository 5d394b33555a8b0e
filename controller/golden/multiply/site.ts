/** An Ingress with given annotations and a given number of paths, and all objects that its annotations refer to. */
import type { V1ConfigMap, V1Ingress, V1Secret } from '@kubernetes/client-node';
import { FEATURES } from '../../model/features/annotations.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { MODEL_OPTIONS } from '../build-fixed.ts';
import { longestAccepted } from './longest.ts';

const PREFIX = MODEL_OPTIONS.annotationsPrefix;
const NAMESPACE = 'shop';

/**
 * Feature → annotations without which its other annotations have no effect, if their first good examples are not
 * enough.
 */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'auth-basic': { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-secret-type': 'auth-file' },
  'auth-url': { 'auth-url': 'http://auth.security.svc.cluster.local/verify', 'auth-proxy-set-headers': 'shop/headers' },
  limits: { 'limit-rps': '5', 'limit-rpm': '50', 'limit-connections': '5' },
  'proxy-ssl': { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'shop/backend-ca' },
  fastcgi: { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'shop/params' },
};

/** Annotations with regular expressions. Their values are kept short, because checking them takes a long time. */
const PATTERNS: ReadonlySet<string> = new Set(['auth-tls-match-cn', 'canary-by-header-pattern', 'server-alias']);
const LONGEST_PATTERN = 128;

function besideOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.values(BESIDE).find((each) => Object.keys(each).some((name) => names.includes(name))) ?? {};
}

/** For every annotation: a value of at most `bytes`, and the other annotations without which it has no effect. */
export function* longAnnotations(bytes: number): Generator<readonly [string, Readonly<Record<string, string>>]> {
  for (const { keys } of FEATURES) {
    const usual = Object.entries(keys).map(([name, key]) => [name, key.good[0] ?? ''] as const);
    for (const [name, key] of Object.entries(keys)) {
      const beside = besideOf(Object.keys(keys));
      const most = PATTERNS.has(name) ? LONGEST_PATTERN : bytes;
      yield [name, { ...Object.fromEntries(usual), ...beside, [name]: longestAccepted(key, most) }];
    }
  }
}

const metadata = (name: string) => ({ namespace: NAMESPACE, name });
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A ConfigMap with headers of about this many bytes in total. */
function headers(name: string, bytes: number): V1ConfigMap {
  const entries = Array.from({ length: Math.ceil(bytes / 40) }, (_, index) => [`X-Header-${index}`, 'v'.repeat(24)]);
  return { metadata: metadata(name), data: Object.fromEntries(entries) as Record<string, string> };
}

/** Size of the objects in bytes, as JSON. */
export function writtenBytes(snapshot: Snapshot): number {
  return [snapshot.Ingress, snapshot.Secret, snapshot.ConfigMap]
    .flatMap((table) => [...table.values()])
    .reduce((sum, object) => sum + JSON.stringify(object).length, 0);
}

/**
 * An Ingress with this many hosts, each with this many paths. ConfigMaps that annotations refer to contain about
 * `bytes`.
 */
export function site(
  annotations: Readonly<Record<string, string>>,
  paths: number,
  { hosts = 1, bytes = 1024 }: { readonly hosts?: number; readonly bytes?: number } = {},
): Snapshot {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const all = Array.from({ length: paths }, (_, index) => ({ path: `/p${index}`, pathType: 'Prefix', backend }));
  const ingress: V1Ingress = {
    metadata: {
      ...metadata('web'),
      annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}/${name}`, value])),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: Array.from({ length: hosts }, (_, index) => ({ host: `h${index}.multiply.test`, http: { paths: all } })),
    },
  };
  const secrets: readonly V1Secret[] = [
    { metadata: metadata('users'), data: { auth: base64('a:{SHA}F2GPAaOiG5EcklvLUlodIavTBnM=\n') } },
    { metadata: metadata('backend-ca'), data: { 'ca.crt': base64('CA\n') } },
  ];
  const globalHeaders = Array.from({ length: Math.ceil(bytes / 40) }, (_, index) => `X-Header-${index}`).join(',');
  const settings: V1ConfigMap = {
    metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
    data: {
      'allow-snippet-annotations': 'true',
      'annotations-risk-level': 'Critical',
      'global-allowed-response-headers': globalHeaders,
    },
  };
  const keyed = <T extends { metadata?: { namespace?: string; name?: string } }>(objects: readonly T[]) =>
    new Map(objects.map((object) => [`${object.metadata?.namespace}/${object.metadata?.name}`, object]));
  return {
    ...emptySnapshot(),
    Ingress: keyed([ingress]),
    Secret: keyed(secrets),
    ConfigMap: keyed([headers('headers', bytes), headers('params', bytes), settings]),
    Service: keyed([
      { metadata: metadata('web'), spec: { clusterIP: '10.96.0.1', ports: [{ port: 80, targetPort: 8080 }] } },
    ]),
  };
}
