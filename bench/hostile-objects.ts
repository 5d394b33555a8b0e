/** Creates objects of a hostile tenant, all in one namespace. */
import { issue } from '../e2e/certificates.ts';
import { ANNOTATION_PREFIX, placeIn } from '../e2e/runner/object.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';

export const HOSTILE_NAMESPACE = 'hostile';

export const MIB = 1024 * 1024;

interface IngressOptions {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly secret?: string;
}

/**
 * `name` is also the first label of the default host, in the tenant's own domain. `turn` makes each version of the
 * object different.
 */
export function ingress(name: string, turn: number, options: IngressOptions = {}): KubernetesObject {
  const { hosts = [`${name}.hostile.test`], paths = ['/'], annotations = {}, secret } = options;
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const http = { paths: paths.map((path) => ({ path, pathType: 'ImplementationSpecific', backend })) };
  const named = Object.entries(annotations).map(([key, value]) => [ANNOTATION_PREFIX + key, value] as const);
  return placeIn(HOSTILE_NAMESPACE, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations: { ...Object.fromEntries(named), 'example.com/turn': String(turn) } },
    spec: {
      ingressClassName: 'nginx',
      ...(secret !== undefined && { tls: [{ hosts: [...hosts], secretName: secret }] }),
      rules: hosts.map((host) => ({ host, http })),
    },
  });
}

export function list<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function secretOf(name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const metadata = { name, namespace: HOSTILE_NAMESPACE };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'Opaque',
    data: Object.fromEntries(encoded),
  };
}

/** A certificate chain of at most this many bytes: a leaf certificate, followed by copies of one other certificate. */
export async function chainOf(host: string, bytes: number): Promise<{ 'tls.crt': string; 'tls.key': string }> {
  const [leaf, other] = [await issue([host]), await issue(['Hostile Authority'], undefined, true)];
  const more = Math.max(0, Math.floor((bytes - leaf.cert.length) / (other.cert.length + 1)));
  return { 'tls.crt': `${leaf.cert}\n${`${other.cert}\n`.repeat(more)}`, 'tls.key': leaf.key };
}
