import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { judgeOf } from '../../types/addresses.ts';
import { argumentsOf } from '../flag-values.ts';
import { apiServerAt, ownPodOf, portsOfFlags } from './reserved-ports.ts';

const flags = argumentsOf('controller', new Map([['healthz-port', '10300']]));

test.each([
  ['https://10.96.0.1', '10.96.0.1', 443],
  ['https://[fd96::1]:6443', 'fd96::1', 6443],
  ['http://192.0.2.1/k8s/clusters/c1', '192.0.2.1', 80],
])('the API server at %s is reserved', (server, address, port) => {
  const judge = judgeOf({ allowed: [], reserved: apiServerAt(server) });
  expect([judge(address, port), judge(address, port + 1)]).toEqual(['the API server', undefined]);
});

test('an API server with a name reserves nothing', () => {
  expect(judgeOf({ allowed: [], reserved: apiServerAt('https://api.example.com') })('10.96.0.1', 443)).toBeUndefined();
});

test('this Pod has its addresses in the API and those of its network interfaces, and the ports of the flags', () => {
  const pod = { namespace: 'edge', name: 'a', uid: 'u', addresses: ['10.1.0.1'], nodeName: 'n', selector: undefined };
  const own = ownPodOf(flags, { namespace: 'edge', pod });
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = interfaces.filter(({ internal }) => !internal).map(({ address }) => address);
  expect(own.addresses).toEqual(expect.arrayContaining(['10.1.0.1', ...outside]));
  expect(own.addresses).not.toContain('127.0.0.1');
  expect(own).toMatchObject({
    namespace: 'edge',
    ports: [80, 443, 8080, 8443, 10_246, 10_300],
    innerPorts: [10_246, 10_300],
  });
  expect(ownPodOf(flags, { namespace: undefined, pod: undefined })).toMatchObject({
    namespace: '',
    addresses: outside,
  });
});

test('no TCP service may use a port of a flag, and no UDP service one that is also used for UDP', () => {
  const given = { 'inspection-port': '10300', 'validating-webhook': ':8444', 'healthz-port': '10301' };
  const reserved = [...portsOfFlags(argumentsOf('controller', new Map(Object.entries(given))))].sort();
  expect(reserved.map((each) => each.join(' '))).toEqual([
    'TCP 10246 --status-port',
    'TCP 10247 --stream-port',
    'TCP 10300 --inspection-port',
    'TCP 10301 --healthz-port',
    'TCP 443 --https-port',
    'TCP 80 --http-port',
    'TCP 8080 --http-listen-port',
    'TCP 8443 --https-listen-port',
    'TCP 8444 --validating-webhook',
    'UDP 10247 --stream-port',
    'UDP 443 --https-port',
    'UDP 8443 --https-listen-port',
  ]);
  const none = portsOfFlags(argumentsOf('controller', new Map([['inspection-port', '0']])));
  expect([...none.values()]).not.toContain('--inspection-port');
});
