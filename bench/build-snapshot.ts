/** Makes a Snapshot of many applications without a cluster, and edits the Snapshot. */
import type { KubernetesObject, V1Ingress } from '@kubernetes/client-node';
import { emptySnapshot, type Snapshot } from '../controller/types/snapshot.ts';
import { finish } from '../controller/types/steps.ts';
import { draftOf, type Table, tableOf } from '../controller/types/table/table.ts';
import { issue } from '../e2e/certificates.ts';

const NAMESPACES = 50;
const ENDPOINTS = 4;

function named(index: number) {
  return { namespace: `ns-${index % NAMESPACES}`, name: `app-${String(index).padStart(5, '0')}` };
}

export function keyOf(index: number): string {
  const { namespace, name } = named(index);
  return `${namespace}/${name}`;
}

function ingressOf(index: number, total: number): V1Ingress {
  const { namespace, name } = named(index);
  const host = `${name}.bench.example`;
  const backend = { service: { name, port: { number: 80 } } };
  const paths = ['/', '/api'].map((path) => ({ path, pathType: 'Prefix', backend }));
  return {
    metadata: {
      namespace,
      name,
      // Names are not in the order of creation, as in a cluster that has existed for a while.
      creationTimestamp: new Date(1_700_000_000_000 + ((index * 7919) % total) * 1000),
      annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' },
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host, http: { paths } }],
      ...(index % 2 === 0 && { tls: [{ hosts: [host], secretName: name }] }),
    },
  };
}

function sliceOf(index: number) {
  const metadata = { ...named(index), labels: { 'kubernetes.io/service-name': named(index).name } };
  const endpoints = Array.from({ length: ENDPOINTS }, (_, pod) => ({
    addresses: [`10.${(index >> 8) & 255}.${index & 255}.${pod}`],
    conditions: { ready: true },
  }));
  return { metadata, addressType: 'IPv4', endpoints, ports: [{ name: '', port: 8080, protocol: 'TCP' }] };
}

function table<T>(entries: readonly (readonly [string, T])[]): Table<T> {
  return tableOf(new Map(entries));
}

/** The data of a Secret with a new key pair for all hosts. */
export async function newCertificate(): Promise<Record<string, string>> {
  const { cert, key } = await issue(['*.bench.example']);
  return { 'tls.crt': Buffer.from(cert).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') };
}

/** `count` hosts with two paths each, every other one with its own Secret; all Secrets contain the same key pair. */
export async function manyHosts(count: number): Promise<Snapshot> {
  const data = await newCertificate();
  const all = Array.from({ length: count }, (_, index) => index);
  const slices = all.map((index) => [keyOf(index), sliceOf(index)] as const);
  return {
    ...emptySnapshot(),
    Ingress: table(all.map((index) => [keyOf(index), ingressOf(index, count)])),
    Service: table(
      all.map((index) => [keyOf(index), { metadata: named(index), spec: { ports: [{ port: 80, targetPort: 8080 }] } }]),
    ),
    EndpointSlice: table(slices),
    slicesOfService: table(slices.map(([service, slice]) => [service, [slice]])),
    Secret: table(
      all
        .filter((index) => index % 2 === 0)
        .map((index) => [keyOf(index), { metadata: named(index), type: 'kubernetes.io/tls', data: { ...data } }]),
    ),
  };
}

/** Returns a Snapshot in which the application `key` (`keyOf`) has changed; the result differs in each round. */
export type Edit = (snapshot: Snapshot, key: string, round: number) => Snapshot;

function edited(
  kind: 'Ingress' | 'Secret' | 'Service',
  edit: (object: KubernetesObject, round: number) => KubernetesObject,
): Edit {
  return (snapshot, key, round) => {
    const before = snapshot[kind].get(key);
    if (before === undefined) throw new Error(`no ${kind} ${key}`);
    const draft = draftOf<KubernetesObject>(tableOf<KubernetesObject>(snapshot[kind]));
    draft.set(key, edit(before, round));
    return { ...snapshot, [kind]: finish(draft.freeze()) };
  };
}

function annotated(object: KubernetesObject, annotations: Readonly<Record<string, string>>): KubernetesObject {
  const copy = structuredClone(object);
  Object.assign((copy.metadata ??= {}), { annotations });
  return copy;
}

/** Changes a body size, so that the server block changes. */
export const EDIT_BLOCK = edited('Ingress', (ingress, round) =>
  annotated(ingress, { 'nginx.ingress.kubernetes.io/proxy-body-size': `${round + 9}m` }),
);

/** Changes force-ssl-redirect, so that only the routes change. */
export const EDIT_ROUTE = edited('Ingress', (ingress, round) =>
  annotated(ingress, {
    ...ingress.metadata?.annotations,
    'nginx.ingress.kubernetes.io/force-ssl-redirect': String(round % 2 === 0),
  }),
);

/** Replaces a certificate with one of `pairs`, which are the data of Secrets. */
export function editCertificate(pairs: readonly Readonly<Record<string, string>>[]): Edit {
  return edited('Secret', (secret, round) => ({ ...secret, data: { ...pairs[round % pairs.length] } }));
}

/** Changes a label of a Service, which has no effect on what NGINX serves. */
export const EDIT_SERVICE = edited('Service', (service, round) => {
  const copy = structuredClone(service);
  Object.assign((copy.metadata ??= {}), { labels: { round: String(round) } });
  return copy;
});
