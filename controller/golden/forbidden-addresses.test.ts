/**
 * Every way in which an object can name an address, with every notation of addresses to which NGINX must not connect:
 * no such address becomes an endpoint in the live data. NGINX connects only to these endpoints, because nginx.conf
 * contains no address of a backend. The tests themselves connect to no address.
 */
import type { V1Ingress, V1Service } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createBuilder } from '../model/build.ts';
import { DEFAULT_PREFIX } from '../model/features/annotations.ts';
import { OWN_PORTS } from '../types/addresses.ts';
import type { KeptSlice } from '../types/endpoint-slice.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { finish } from '../types/steps.ts';
import { MODEL_OPTIONS } from './build-fixed.ts';

const ownPod = {
  namespace: 'ingress-nginx',
  addresses: ['10.1.1.1', 'fd12::1'],
  ports: [8080, 8443, 10_246, 10_254],
  innerPorts: [10_246, 10_254],
};
const OPTIONS = {
  ...MODEL_OPTIONS,
  addresses: { allowed: [], reserved: [{ ...ownPod, what: OWN_PORTS }] },
  ownPod,
  defaultBackendService: 'shop/fallback',
};
/** One builder for all: it reuses what does not change. */
const build = createBuilder();

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Forbidden as endpoints, and as addresses of DNS names: the API server accepts only plain notations there. */
const PLAIN = `127.0.0.1 127.8.9.1 ::1 0.0.0.0 0.0.0.7 :: 169.254.169.254 169.254.170.2 fe80::1 224.0.0.1 ff02::1
  255.255.255.255 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 fd20:ce::254 ::ffff:127.0.0.1 ::ffff:7f00:1
  ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 64:ff9b:1::a9fe:a9fe 2002:7f00:1:: 2001:db8::5efe:7f00:1
  0:0:0:0:0:FFFF:A9FE:A9FE fe80::1%eth0`
  .split(/\s+/)
  .map((host): Place => ({ host, port: 80 }));

/** Reserved on these ports only. */
const RESERVED = [
  // This Pod, and another replica: a Service of the controller's namespace leads to both.
  ...[8080, 10_246, 10_254].flatMap((port) =>
    ['10.1.1.1', 'fd12::1', '10.1.1.2', 'fd12::2'].map((host) => ({ host, port })),
  ),
  { host: '::ffff:10.1.1.1', port: 10_254 },
  // The Service of the metrics, and of the API server; the API server itself.
  { host: '10.96.7.7', port: 9000 },
  { host: 'fd96::7', port: 9000 },
  { host: '10.96.0.1', port: 443 },
  { host: '64:ff9b::10.96.0.1', port: 443 },
  { host: '192.0.2.10', port: 6443 },
];

/** Other texts that some programs read as one of these addresses, and names of this machine. */
const WRITTEN =
  `2130706433 0x7f000001 0x7f.1 0X7F.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 0 0x0 127.0.0.1. 2852039166
  0xa9fea9fe 169.254.43518 0251.0376.0251.0376 127.000.000.001 localhost LOCALHOST localhost. a.localhost 127.0.0.1.0x
  １２７.0.0.1 127。0。0。1 ⓛocalhost unix:/run/x`
    .split(/\s+/)
    .map((host): Place => ({ host, port: 80 }));

const ALLOWED: readonly Place[] = [
  { host: '10.0.0.7', port: 80 },
  { host: 'fd12:3456::7', port: 80 },
  // Other ports of the same machines, and NGINX's Service on the ports for clients.
  { host: '10.1.1.1', port: 3000 },
  { host: '10.96.7.7', port: 80 },
  { host: '192.0.2.10', port: 80 },
];

function service(key: string, spec: V1Service['spec']): [string, V1Service] {
  const [namespace = '', name = ''] = key.split('/');
  return [key, { metadata: { namespace, name }, ...(spec && { spec }) }];
}

function slice(
  key: string,
  addresses: readonly string[],
  ports: readonly (readonly [string, number])[],
): [string, KeptSlice[]] {
  const [namespace = '', name = ''] = key.split('/');
  const given = ports.map(([port, number]) => ({ name: port, port: number, protocol: 'TCP' }));
  return [key, [{ metadata: { namespace, name }, addressType: 'IPv4', endpoints: [...addresses], ports: given }]];
}

const NGINX_PORTS = [
  { name: 'http', port: 80, targetPort: 8080 },
  { name: 'metrics', port: 9000, targetPort: 10_254 },
];
const SERVICES = [
  service('default/kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] }),
  service('ingress-nginx/controller', {
    clusterIP: '10.96.7.7',
    clusterIPs: ['10.96.7.7', 'fd96::7'],
    ports: NGINX_PORTS,
  }),
];
const SLICES = [
  slice('default/kubernetes', ['192.0.2.10'], [['https', 6443]]),
  slice(
    'ingress-nginx/controller',
    ['10.1.1.1', '10.1.1.2', 'fd12::1', 'fd12::2'],
    [
      ['http', 8080],
      ['metrics', 10_254],
    ],
  ),
];

function ingress(annotations: Readonly<Record<string, string>> = {}): V1Ingress {
  const given = Object.entries(annotations).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value] as const);
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: { namespace: 'shop', name: 'site', annotations: Object.fromEntries(given) },
    spec: { rules: [{ host: 'site.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  };
}

interface Way {
  readonly snapshot: (place: Place) => Partial<Pick<Snapshot, 'Service' | 'slicesOfService' | 'Ingress' | 'ConfigMap'>>;
  /** DNS name that resolves to the host. */
  readonly name?: string;
  /** Whether the address is parsed from the text of a URL, in which it may have any notation. */
  readonly isUrl?: true;
}

const bracketed = ({ host, port }: Place) =>
  `${host.includes(':') && !host.startsWith('unix') ? `[${host}]` : host}:${port}`;
const settings = (data: Record<string, string>) =>
  new Map([[OPTIONS.configMap, { metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data }]]);
const named =
  (key: string, spec: V1Service['spec']): Way['snapshot'] =>
  () => ({ Service: new Map([service(key, spec)]) });
const targetOf = (key: string, { host, port }: Place) => ({
  Service: new Map([service(key, { ports: [{ name: 'p', port: 80, targetPort: port }] })]),
  slicesOfService: new Map([slice(key, [host], [['p', port]])]),
});

const WAYS: Readonly<Record<string, Way>> = {
  'an EndpointSlice': { snapshot: (place) => targetOf('shop/web', place) },
  'an EndpointSlice of the default backend': { snapshot: (place) => targetOf('shop/fallback', place) },
  'an EndpointSlice of a default-backend annotation': {
    snapshot: (place) => ({
      ...targetOf('shop/pages', place),
      Ingress: new Map([['shop/site', ingress({ 'default-backend': 'pages', 'custom-http-errors': '404' })]]),
    }),
  },
  'an ExternalName': {
    snapshot: ({ host, port }) =>
      named('shop/web', { type: 'ExternalName', externalName: host, ports: [{ port: 80, targetPort: port }] })({
        host,
        port,
      }),
    isUrl: true,
  },
  'the DNS name of an ExternalName': {
    snapshot: ({ host, port }) =>
      named('shop/web', { type: 'ExternalName', externalName: 'a.test', ports: [{ port: 80, targetPort: port }] })({
        host,
        port,
      }),
    name: 'a.test',
  },
  'service-upstream': {
    snapshot: ({ host, port }) => {
      const backend = { service: { name: 'web', port: { number: port } } };
      const made = ingress({ 'service-upstream': 'true' });
      const rules = [{ host: 'site.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
      return {
        Service: new Map([service('shop/web', { clusterIP: host, ports: [{ port }] })]),
        Ingress: new Map([['shop/site', { ...(made.metadata && { metadata: made.metadata }), spec: { rules } }]]),
      };
    },
  },
  ...Object.fromEntries(
    ['auth-url', 'mirror-target'].flatMap((key): [string, Way][] => [
      [
        key,
        {
          snapshot: (place) => ({
            Ingress: new Map([['shop/site', ingress({ [key]: `http://${bracketed(place)}/x` })]]),
          }),
          isUrl: true,
        },
      ],
      [
        `the DNS name of ${key}`,
        {
          snapshot: ({ port }) => ({
            Ingress: new Map([['shop/site', ingress({ [key]: `http://a.test:${port}/x` })]]),
          }),
          name: 'a.test',
        },
      ],
      [
        `a Service of another namespace in ${key}`,
        {
          snapshot: (place) => ({
            ...targetOf('other/svc', place),
            Ingress: new Map([['shop/site', ingress({ [key]: 'http://svc.other.svc.cluster.local:80/x' })]]),
          }),
        },
      ],
    ]),
  ),
  'global-auth-url': {
    snapshot: (place) => ({ ConfigMap: settings({ 'global-auth-url': `http://${bracketed(place)}/x` }) }),
    isUrl: true,
  },
};

/** `host port` of all endpoints in the live data. */
function endpointsOf(way: Way, place: Place): readonly string[] {
  const base: Snapshot = { ...emptySnapshot(), Ingress: new Map([['shop/site', ingress()]]) };
  const made = way.snapshot(place);
  const snapshot: Snapshot = {
    ...base,
    ...made,
    Service: new Map([...SERVICES, ...(made.Service ?? [])]),
    slicesOfService: new Map([...SLICES, ...(made.slicesOfService ?? [])]),
  };
  const resolvedNames = new Map(way.name === undefined ? [] : [[way.name, [place.host]]]);
  const { plan } = finish(build(snapshot, { ...OPTIONS, quarantine: new Map(), resolvedNames }));
  return [...plan.live.backends.values()].flatMap(({ endpoints }) =>
    endpoints.map(([address, port]) => `${address} ${port}`),
  );
}

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}: forbidden addresses are left out, in every notation, and no others`, () => {
    const forbidden = [...PLAIN, ...RESERVED, ...(way.isUrl ? WRITTEN : [])];
    const found = forbidden.flatMap((place) => endpointsOf(way, place).map((each) => `${bracketed(place)} → ${each}`));
    expect(found).toEqual([]);
    for (const { host, port } of ALLOWED) expect(endpointsOf(way, { host, port })).toContain(`${host} ${port}`);
  });
}

test('the API server cannot be reached through its own Service, by whatever name', () => {
  const backend = { service: { name: 'kubernetes', port: { number: 443 } } };
  const rules = [{ host: 'api.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const own: V1Ingress = { metadata: { namespace: 'default', name: 'api' }, spec: { rules } };
  const ways: Way[] = [
    { snapshot: () => ({ Ingress: new Map([['default/api', own]]) }) },
    ...['auth-url', 'mirror-target'].map((key): Way => ({
      snapshot: () => ({
        Ingress: new Map([['shop/site', ingress({ [key]: 'https://kubernetes.default.svc:443/' })]]),
      }),
    })),
  ];
  for (const way of ways) expect(endpointsOf(way, { host: '192.0.2.10', port: 6443 })).toEqual([]);
});
