import { expect, test } from 'vitest';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { MODEL_OPTIONS } from '../../golden/build-fixed.ts';
import type { Kept } from '../../types/last-good.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import type { BuildOptions } from '../contract/options.ts';
import { endpointRules } from '../host/backends/endpoint-rules.ts';
import { NO_STREAM_SERVICES, streamSecrets, type StreamServices, streamServices } from './stream-services.ts';

const TCP = 'ingress-nginx/tcp';
const OPTIONS: BuildOptions = {
  ...MODEL_OPTIONS,
  quarantine: new Map(),
  resolvedNames: new Map(),
  streams: { tcp: TCP, udp: null, installed: true, reserved: new Map([['TCP 8080', '--http-listen-port']]) },
};

function cluster(data: Record<string, string> | undefined, uid = 'one'): Snapshot {
  const metadata = { namespace: 'shop', name: 'db' };
  const configMap: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'tcp', uid }, ...(data && { data }) };
  const slice = {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    endpoints: ['10.0.0.1'],
    ports: [
      { name: 'pg', port: 15_432, protocol: 'TCP' },
      { name: 'syslog', port: 1514, protocol: 'UDP' },
    ],
  };
  return {
    ...emptySnapshot(),
    Service: new Map([['shop/db', { metadata, spec: { ports: [{ name: 'pg', port: 5432 }] } }]]),
    slicesOfService: new Map([['shop/db', [slice]]]),
    ConfigMap: data === undefined ? new Map() : new Map([[TCP, configMap]]),
  };
}

function services(
  snapshot: Snapshot,
  options: Partial<BuildOptions> = {},
  before: StreamServices = NO_STREAM_SERVICES,
): StreamServices {
  const all = { ...OPTIONS, ...options };
  return streamServices(snapshot, all, endpointRules(all, snapshot), before);
}

function messages({ problems }: StreamServices): readonly string[] {
  return problems.map(({ field, message }) => `${field?.[1] ?? ''}: ${message}`);
}

test('an entry becomes a port with the endpoints of its Service', () => {
  const { servers, files, backends, ports, problems } = services(cluster({ 5432: 'shop/db:pg' }));
  expect(servers).toMatchObject([{ protocol: 'TCP', port: 5432, service: 'shop/db:pg', certificate: null }]);
  expect([...files]).toEqual([
    [servers[0]?.endpoints, { kind: 'endpoints', key: 'b:shop/db/pg', service: 'shop/db:pg', bySource: false }],
  ]);
  expect(backends.list.map(({ key, resolved }) => [key, resolved.backend.endpoints])).toEqual([
    ['shop/db/pg', [['10.0.0.1', 15_432, 1]]],
  ]);
  expect([ports, problems]).toEqual([['TCP 5432'], []]);
});

test('invalid entries are reported with key, value and example, and affect no others', () => {
  const found = services(cluster({ 5432: 'shop/db:pg', 5433: 'shop', 8080: 'shop/db:pg', http: 'shop/db:pg' }));
  expect(found.servers.map(({ port }) => port)).toEqual([5432]);
  expect(found.problems.map(({ field, value, example, effect }) => [field, value, example, effect])).toEqual(
    expect.arrayContaining([
      [['data', '5433'], '"shop"', 'shop/db:5432', 'ignored-key'],
      [['data', '8080'], '"shop/db:pg"', '"15432": shop/db:5432', 'ignored-key'],
      [['data', 'http'], '"shop/db:pg"', '"5432": shop/db:5432', 'ignored-key'],
    ]),
  );
  expect(messages(found)).toContain(
    '8080: port 8080 is reserved: it is the port of --http-listen-port; the entry is ignored',
  );
});

test('an invalid entry keeps its last good value, unless the ConfigMap was created again', () => {
  const before = services(cluster({ 5432: 'shop/db:pg', 5433: 'shop/db:pg' }));
  const lastGood = new Map<never, Kept>(before.inForce as never);
  const after = services(cluster({ 5432: 'shop/', 5433: 'shop/db:pg' }), { lastGood }, before);
  expect(after.servers.map(({ port, service }) => [port, service])).toEqual([
    [5432, 'shop/db:pg'],
    [5433, 'shop/db:pg'],
  ]);
  expect(messages(after)[0]).toMatch(/its last good value stays in force/);
  const again = services(cluster({ 5432: 'shop/' }, 'two'), { lastGood }, after);
  expect(again.servers).toEqual([]);
});

test('missing objects are reported', () => {
  expect(messages(services(cluster(undefined)))).toEqual([
    ': the ConfigMap, which --tcp-services-configmap names, does not exist; no TCP port is served',
  ]);
  const found = services(cluster({ 1: 'shop/none:1', 2: 'shop/db:9', 3: 'shop/db:pg:TLS=shop/none' }));
  expect(messages(found)).toEqual([
    '1: Service shop/none does not exist; connections to port 1 are closed',
    '2: Service shop/db has no TCP port 9; its ports are 5432 (pg); connections to port 2 are closed',
    '3: Secret shop/none does not exist; TLS handshakes on port 3 fail',
  ]);
  expect(found.servers).toHaveLength(3);
  expect(streamSecrets(cluster({ 3: 'shop/db:pg:TLS=shop/none' }), OPTIONS)).toEqual(['shop/none']);
});

test('without NGINX’s stream modules, a Problem names the packages', () => {
  const streams = { tcp: TCP, udp: null, installed: false, reserved: new Map<string, string>() };
  const found = services(cluster({ 5432: 'shop/db:pg' }), { streams });
  expect(found.servers).toEqual([]);
  expect(messages(found)[0]).toMatch(/apt-get install .*libnginx-mod-stream-js/);
});

test('a port on which NGINX cannot listen is left out, and so is one that has not been tried', () => {
  const streamPorts = new Map([
    ['TCP 1', ''],
    ['TCP 2', 'it is in use by sshd (pid 9)'],
  ]);
  const found = services(cluster({ 1: 'shop/db:pg', 2: 'shop/db:pg', 3: 'shop/db:pg' }), { streamPorts });
  expect(found.servers.map(({ port }) => port)).toEqual([1]);
  expect(found.ports).toEqual(['TCP 1', 'TCP 2', 'TCP 3']);
  expect(messages(found)).toEqual([
    '2: NGINX cannot listen on TCP port 2: it is in use by sshd (pid 9); the entry is ignored until it can',
  ]);
});

test('examples for the UDP ConfigMap are UDP services, and a port is reserved for its protocol only', () => {
  const reserved = new Map([
    ['TCP 8443', '--https-listen-port'],
    ['UDP 8443', '--https-listen-port'],
    ['TCP 514', '--http-listen-port'],
  ]);
  const found = services(cluster({ 514: 'shop/db:514', 8443: 'shop/db:syslog', http: 'shop/db:1', 5432: 'shop' }), {
    streams: { tcp: null, udp: TCP, installed: true, reserved },
  });
  expect(found.servers.map(({ port }) => port)).toEqual([514]);
  const invalid = found.problems.filter(({ code }) => code === 'stream-entry');
  expect(invalid.map(({ field, example }) => [field?.[1], example]).sort()).toEqual([
    ['5432', 'kube-system/dns:53'],
    ['8443', '"15353": kube-system/dns:53'],
    ['http', '"53": kube-system/dns:53'],
  ]);
});

test('UDP and TCP ports of the same number are different', () => {
  const streams = { tcp: TCP, udp: TCP, installed: true, reserved: new Map<string, string>() };
  const snapshot = cluster({ 514: 'shop/db:syslog' });
  const ports = [{ name: 'syslog', port: 514, protocol: 'UDP' }];
  const service = { metadata: { namespace: 'shop', name: 'db' }, spec: { ports } };
  const found = services({ ...snapshot, Service: new Map([['shop/db', service]]) }, { streams });
  expect(found.backends.list.map(({ key, resolved }) => [key, resolved.backend.endpoints])).toEqual([
    ['shop/db/syslog', []],
    ['shop/db/syslog.udp', [['10.0.0.1', 1514, 1]]],
  ]);
});
