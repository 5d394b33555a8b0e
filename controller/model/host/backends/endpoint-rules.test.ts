/** Addresses that are reserved because of Services in the cluster. */
import { expect, test } from 'vitest';
import { API_SERVER_PORTS, judgeOf, NO_EXCEPTIONS, OWN_PORTS } from '../../../types/addresses.ts';
import type { KeptSlice } from '../../../types/endpoint-slice.ts';
import { emptySnapshot, type Snapshot } from '../../../types/snapshot.ts';
import { DEFAULT_BOUNDS } from '../../contract/bounds.ts';
import { endpointRules } from './endpoint-rules.ts';

const options = {
  addresses: { ...NO_EXCEPTIONS },
  bounds: DEFAULT_BOUNDS,
  ownPod: { namespace: 'edge', addresses: ['10.1.0.1'], ports: [8080, 10_254], innerPorts: [10_254] },
};

function slice(addresses: readonly string[], port: number): KeptSlice {
  return { addressType: 'IPv4', endpoints: [...addresses], ports: [{ name: 'p', port, protocol: 'TCP' }] };
}

function cluster(
  services: Readonly<Record<string, readonly [clusterIP: string, port: number, slice: KeptSlice]>>,
): Snapshot {
  const all = Object.entries(services);
  return {
    ...emptySnapshot(),
    Service: new Map(
      all.map(([key, [clusterIP, port]]) => [key, { spec: { clusterIP, ports: [{ name: 'p', port }] } }]),
    ),
    slicesOfService: new Map(all.map(([key, [, , each]]) => [key, [each]])),
  };
}

const kubernetes = ['10.96.0.1', 443, slice(['192.0.2.1'], 6443)] as const;
const shop = ['10.96.0.9', 80, slice(['10.1.0.9'], 8080)] as const;
const traffic = ['10.96.0.2', 80, slice(['10.1.0.1', '10.1.0.2'], 8080)] as const;
const metrics = ['10.96.0.3', 9000, slice(['10.1.0.1', '10.1.0.2'], 10_254)] as const;

test('the API server, other replicas, and the Service of their metrics are reserved', () => {
  const all = { 'default/kubernetes': kubernetes, 'shop/web': shop, 'edge/nginx': traffic, 'edge/metrics': metrics };
  const judge = judgeOf(endpointRules(options, cluster(all)).addresses);
  expect([judge('10.96.0.1', 443), judge('192.0.2.1', 6443)]).toEqual([API_SERVER_PORTS, API_SERVER_PORTS]);
  for (const address of ['10.1.0.1', '10.1.0.2'])
    expect([judge(address, 8080), judge(address, 10_254), judge(address, 80)]).toEqual([
      OWN_PORTS,
      OWN_PORTS,
      undefined,
    ]);
  expect([judge('10.96.0.3', 9000), judge('10.96.0.2', 80)]).toEqual([OWN_PORTS, undefined]);
  expect([judge('10.1.0.9', 8080), judge('192.0.2.1', 443)]).toEqual([undefined, undefined]);
});

test('a Service reserves addresses only if it is in this namespace and leads to this Pod', () => {
  const other = ['10.96.0.4', 80, slice(['10.1.0.5'], 8080)] as const;
  const judge = judgeOf(endpointRules(options, cluster({ 'edge/other': other, 'shop/copy': traffic })).addresses);
  expect([judge('10.1.0.5', 8080), judge('10.1.0.2', 8080)]).toEqual([undefined, undefined]);
});

test('the rules are the same object until a Service changes on which they depend', () => {
  const [first, second] = [
    { ...options, addresses: { ...NO_EXCEPTIONS } },
    cluster({ 'default/kubernetes': kubernetes }),
  ];
  const rules = endpointRules(first, second);
  expect(endpointRules(first, second)).toBe(rules);
  expect(endpointRules(first, cluster({ 'default/kubernetes': kubernetes, 'shop/web': shop }))).toBe(rules);
  const moved = ['10.96.0.1', 443, slice(['192.0.2.2'], 6443)] as const;
  const later = endpointRules(first, cluster({ 'default/kubernetes': moved }));
  expect(later).not.toBe(rules);
  expect(judgeOf(later.addresses)('192.0.2.1', 6443)).toBeUndefined();
  expect(judgeOf(endpointRules(first, cluster({})).addresses)('192.0.2.2', 6443)).toBeUndefined();
});
