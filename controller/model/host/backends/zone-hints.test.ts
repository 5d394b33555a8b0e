import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { NO_EXCEPTIONS } from '../../../types/addresses.ts';
import { emptySnapshot, type Snapshot } from '../../../types/snapshot.ts';
import { resolveBackend } from './backends.ts';
import { DEFAULT_BOUNDS } from '../../contract/bounds.ts';

const REF = { namespace: 'shop', service: 'web', port: 80 };

function endpoint(address: string, zones?: readonly string[], conditions: V1Endpoint['conditions'] = { ready: true }) {
  return {
    addresses: [address],
    conditions,
    ...(zones !== undefined && { hints: { forZones: zones.map((name) => ({ name })) } }),
  };
}

function cluster(...slices: readonly V1Endpoint[][]): Snapshot {
  const full = slices.map((endpoints): V1EndpointSlice => ({
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints,
  }));
  const service = { metadata: { name: 'web', namespace: 'shop' }, spec: { ports: [{ name: 'http', port: 80 }] } };
  return {
    ...emptySnapshot(),
    Service: new Map([['shop/web', service]]),
    slicesOfService: new Map([['shop/web', full]]),
  };
}

function addresses(snapshot: Snapshot, zone?: string): readonly string[] {
  return resolveBackend(REF, snapshot, null, {
    zone,
    bounds: DEFAULT_BOUNDS,
    addresses: NO_EXCEPTIONS,
  }).backend.endpoints.map(([address]) => address);
}

const LEAVING = { ready: false, serving: true, terminating: true };

test("only endpoints with a hint for the controller's zone are used, from all slices", () => {
  const snapshot = cluster(
    [endpoint('10.0.0.1', ['a']), endpoint('10.0.0.2', ['b'])],
    [endpoint('10.0.0.3', ['a', 'b'])],
  );
  expect(addresses(snapshot, 'a')).toEqual(['10.0.0.1', '10.0.0.3']);
  expect(addresses(snapshot, 'b')).toEqual(['10.0.0.2', '10.0.0.3']);
});

test("if the controller's zone is unknown, zone hints are ignored, even after a build with a known zone", () => {
  const snapshot = cluster([endpoint('10.0.0.1', ['a']), endpoint('10.0.0.2', ['b'])]);
  expect(addresses(snapshot, 'a')).toEqual(['10.0.0.1']);
  expect(addresses(snapshot)).toEqual(['10.0.0.1', '10.0.0.2']);
});

test("all endpoints are used if no endpoint has a hint for the controller's zone", () => {
  expect(addresses(cluster([endpoint('10.0.0.1', ['a']), endpoint('10.0.0.2', ['b'])]), 'c')).toEqual([
    '10.0.0.1',
    '10.0.0.2',
  ]);
});

test.each([
  ['no hints', endpoint('10.0.0.2')],
  ['hints for no zone', endpoint('10.0.0.2', [])],
])('all endpoints are used if a ready endpoint has %s, in any slice', (_, odd) => {
  expect(addresses(cluster([endpoint('10.0.0.1', ['a'])], [odd]), 'a')).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('zone hints are followed even if an endpoint that is not ready has no hints', () => {
  const snapshot = cluster([
    endpoint('10.0.0.1', ['a']),
    endpoint('10.0.0.2', ['b']),
    endpoint('10.0.0.3', undefined, { ready: false }),
    endpoint('10.0.0.4', undefined, LEAVING),
  ]);
  expect(addresses(snapshot, 'a')).toEqual(['10.0.0.1']);
});

test('if only terminating endpoints still serve, they are used whatever their zone hints are', () => {
  expect(addresses(cluster([endpoint('10.0.0.1', ['a'], LEAVING), endpoint('10.0.0.2', ['b'], LEAVING)]), 'a')).toEqual(
    ['10.0.0.1', '10.0.0.2'],
  );
});
