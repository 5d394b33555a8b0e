/** Snapshots of clusters, each with objects of one tenant that keep the controller's thread busy. */
import type { V1EndpointSlice, V1Ingress } from '@kubernetes/client-node';
import { emptySnapshot, type Snapshot } from '../controller/types/snapshot.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

interface Written {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

function ingressOf(name: string, { hosts = [`${name}.example`], paths = ['/'], annotations = {} }: Written): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = hosts.map((host) => ({
    host,
    http: { paths: paths.map((path) => ({ path, pathType: 'ImplementationSpecific', backend })) },
  }));
  const written = Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value] as const);
  return { metadata: { namespace: 'shop', name, annotations: Object.fromEntries(written) }, spec: { rules } };
}

function world(ingresses: readonly V1Ingress[], slices: readonly V1EndpointSlice[] = []): Snapshot {
  const web = { metadata: { namespace: 'shop', name: 'web' }, spec: { ports: [{ port: 80, name: 'http' }] } };
  const sorted = ingresses.map((each) => [`shop/${each.metadata?.name}`, each] as const);
  return {
    ...emptySnapshot(),
    Ingress: new Map(sorted.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    Service: new Map([['shop/web', web]]),
    EndpointSlice: new Map(slices.map((slice) => [`shop/${slice.metadata?.name}`, slice])),
    slicesOfService: new Map([['shop/web', slices]]),
  };
}

const count = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));
const useRegex = { 'use-regex': 'true' };

/** EndpointSlices of 100 endpoints each, as Kubernetes writes them. */
function endpoints(total: number): readonly V1EndpointSlice[] {
  return count(total / 100, (slice) => ({
    metadata: { namespace: 'shop', name: `web-${String(slice).padStart(4, '0')}` },
    addressType: 'IPv6',
    endpoints: count(100, (pod) => ({
      addresses: [`2001:db8:${((slice * 7919) % 65_536).toString(16)}:${pod}:a:b:c:${((pod * 31) % 9973) + 1}`],
      conditions: { ready: true },
    })),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  }));
}

const CLASS = Array.from({ length: 90 }, (_, index) => String.fromCharCode(33 + index))
  .filter((character) => !/[\s,\\[\]^-]/.test(character))
  .join('');

export const WORLDS: Readonly<Record<string, () => Snapshot>> = {
  '200 paths of 25 nested groups': () =>
    world([
      ingressOf('nested', {
        paths: count(200, (n) => `/n${n}${'('.repeat(25)}a${')*'.repeat(25)}`),
        annotations: useRegex,
      }),
    ]),
  'a path of a{65535}': () => world([ingressOf('counted', { paths: ['/a{65535}'], annotations: useRegex })]),
  '3,000 regular expressions of a host': () =>
    world([
      ingressOf('many', { paths: count(3000, (n) => `/shop/v${n}/[a-z0-9]+/(items|orders)`), annotations: useRegex }),
    ]),
  'an alias with a class of 638 characters': () =>
    world([
      ingressOf('alias', { annotations: { 'server-alias': `~^[${CLASS.repeat(10).slice(0, 638)}]+\\.example$` } }),
    ]),
  '1,000 hosts with 20 alias patterns each': () =>
    world(
      count(1000, (host) =>
        ingressOf(`a${host}`, {
          annotations: {
            'server-alias': count(20, (n) => `~^h${host}-${n}[a-z0-9]+\\.(shop|web)\\.example$`).join(','),
          },
        }),
      ),
    ),
  '5,000 hosts with 20 aliases each': () =>
    world(
      count(5000, (host) =>
        ingressOf(`a${host}`, { annotations: { 'server-alias': count(20, (n) => `h${host}-${n}.example`).join(',') } }),
      ),
    ),
  '10,000 IPv6 endpoints of a Service': () => world([ingressOf('web', {})], endpoints(10_000)),
  '10,000 paths of an Ingress': () => world([ingressOf('paths', { paths: count(10_000, (n) => `/p${n}`) })]),
  '5,000 hosts of an Ingress': () => world([ingressOf('hosts', { hosts: count(5000, (n) => `h${n}.example`) })]),
  'a list of 1,600 networks of IPv6': () =>
    world([
      ingressOf('list', {
        annotations: {
          'limit-rps': '5',
          'limit-allowlist': count(1600, (n) => `2001:db8:${(n * 31).toString(16)}:1:2:3:4:5`).join(','),
        },
      }),
    ]),
};
