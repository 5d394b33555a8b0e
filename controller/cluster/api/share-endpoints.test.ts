import type { V1Endpoint } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { endpointsOf } from '../../types/endpoint-slice.ts';
import { shareEndpoints } from './share-endpoints.ts';

const ready = { ready: true };
const slice = (endpoints: V1Endpoint[], port = 80) => ({
  addressType: 'IPv4',
  metadata: { name: 'web-1' },
  endpoints,
  ports: [{ port }],
});

test('equal endpoints of a changed slice remain the same objects, and other endpoints are new objects', () => {
  const before = slice([
    { addresses: ['10.0.0.1'], conditions: ready },
    { addresses: ['10.0.0.2'], conditions: ready },
    { addresses: ['10.0.0.3', '10.0.0.4'], conditions: ready },
  ]);
  const written = slice(
    [
      { addresses: ['10.0.0.2'], conditions: { ready: false } },
      { addresses: ['10.0.0.1'], conditions: ready },
      { addresses: ['10.0.0.3', '10.0.0.5'], conditions: ready },
      { addresses: ['10.0.0.9'], conditions: ready },
    ],
    81,
  );
  const shared = shareEndpoints(written, before);
  expect(shared).toEqual(written);
  expect(endpointsOf(shared).map((each) => before.endpoints.some((held) => held === each))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('endpoints whose conditions are equal but not the same object are compared in full', () => {
  const before = slice([
    { addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'a' }] } },
  ]);
  const written = slice([
    { addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'a' }] } },
  ]);
  expect(endpointsOf(shareEndpoints(written, before))[0]).toBe(before.endpoints[0]);
  const other = slice([{ addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'b' }] } }]);
  expect(shareEndpoints(other, before)).toEqual(other);
});

test('an endpoint stored as a plain address does not equal an endpoint with more fields', () => {
  const before = { ...slice([]), endpoints: ['10.0.0.1', { addresses: ['10.0.0.2'], conditions: { ready: false } }] };
  const written = { ...slice([]), endpoints: ['10.0.0.1', '10.0.0.2'] };
  expect(shareEndpoints(written, before)).toEqual(written);
});
