import type { V1Node, V1Pod, V1Service } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import {
  addressesOfService,
  addressesText,
  addressOfNode,
  nodesOfPods,
  parseStatusAddresses,
  sortedAddresses,
} from './addresses.ts';

const REPORTED = { loadBalancer: { ingress: [{ ip: '203.0.113.7' }, { hostname: 'lb.example.com' }] } };

it.each<[string, V1Service, unknown]>([
  [
    'LoadBalancer: the addresses in its status and the external IPs, without duplicates',
    { spec: { type: 'LoadBalancer', externalIPs: ['198.51.100.1', '203.0.113.7'] }, status: REPORTED },
    [{ ip: '198.51.100.1' }, { ip: '203.0.113.7' }, { hostname: 'lb.example.com' }],
  ],
  [
    'LoadBalancer without an address yet: no address, not the cluster IP',
    { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } },
    [],
  ],
  [
    'NodePort with external IPs',
    { spec: { type: 'NodePort', clusterIP: '10.0.0.1', externalIPs: ['198.51.100.1'] } },
    [{ ip: '198.51.100.1' }],
  ],
  ['NodePort without external IPs', { spec: { type: 'NodePort', clusterIP: '10.0.0.1' } }, [{ ip: '10.0.0.1' }]],
  [
    'ClusterIP',
    { spec: { type: 'ClusterIP', clusterIP: 'fd00::1', externalIPs: ['198.51.100.1'] } },
    [{ ip: 'fd00::1' }],
  ],
  ['a headless Service', { spec: { clusterIP: 'None' } }, []],
  [
    'ExternalName',
    { spec: { type: 'ExternalName', externalName: 'edge.example.com' } },
    [{ hostname: 'edge.example.com' }],
  ],
  ['a Service without spec', {}, []],
])('the published addresses of a Service: %s', (_, service, expected) => {
  expect(addressesOfService(service)).toEqual(expected);
});

it('compares lists of addresses regardless of their order, and distinguishes IPs from host names', () => {
  const two = [{ ip: '203.0.113.7' }, { hostname: 'a.example.com' }];
  expect(addressesText(two)).toBe(addressesText(two.toReversed()));
  expect(addressesText([{ ip: '203.0.113.7' }])).not.toBe(addressesText([{ hostname: '203.0.113.7' }]));
  expect(addressesText([])).toBe('');
  expect(sortedAddresses([...two, ...two])).toHaveLength(2);
});

it('parseStatusAddresses() accepts IPs and DNS names, and returns invalid items separately', () => {
  expect(parseStatusAddresses(' 203.0.113.7, LB.example.com,,2001:db8::1 ')).toEqual({
    addresses: [{ ip: '2001:db8::1' }, { ip: '203.0.113.7' }, { hostname: 'lb.example.com' }],
    refused: [],
  });
  expect(parseStatusAddresses('203.0.113.700,http://x,fe80::1%eth0,a_b,-a.com')).toEqual({
    addresses: [],
    refused: ['203.0.113.700', 'http://x', 'fe80::1%eth0', 'a_b', '-a.com'],
  });
});

it('addressOfNode() prefers the external address of a node, unless the internal address is requested', () => {
  const node = (...types: string[]): V1Node => ({
    status: { addresses: types.map((type, index) => ({ type, address: `192.0.2.${index + 1}` })) },
  });
  const both = node('Hostname', 'InternalIP', 'ExternalIP');
  expect(addressOfNode(both, false)).toEqual({ ip: '192.0.2.3' });
  expect(addressOfNode(both, true)).toEqual({ ip: '192.0.2.2' });
  expect(addressOfNode(node('InternalIP'), false)).toEqual({ ip: '192.0.2.1' });
  expect(addressOfNode(node('ExternalIP'), true)).toBeUndefined();
  expect(addressOfNode({}, false)).toBeUndefined();
});

it('nodesOfPods() returns only the nodes of pods that run and are ready', () => {
  const pod = (nodeName: string, phase: string, ready: string): V1Pod => ({
    spec: { nodeName, containers: [] },
    status: { phase, conditions: [{ type: 'Ready', status: ready }] },
  });
  const pods = [
    pod('b', 'Running', 'True'),
    pod('a', 'Running', 'True'),
    pod('a', 'Running', 'True'),
    pod('c', 'Running', 'False'),
    pod('d', 'Pending', 'True'),
    {},
  ];
  expect(nodesOfPods(pods)).toEqual(['a', 'b']);
});
