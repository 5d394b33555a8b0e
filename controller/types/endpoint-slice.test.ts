import { expect, test } from 'vitest';
import { endpointsOf, type KeptEndpoint, numberOfEndpoints, packEndpoints } from './endpoint-slice.ts';

const plain = (count: number): KeptEndpoint[] => Array.from({ length: count }, (_, index) => `10.0.0.${index}`);
const starting: KeptEndpoint = { addresses: ['10.0.1.1'], conditions: { ready: false } };

test.each<[string, KeptEndpoint[], boolean]>([
  ['no endpoints', [], false],
  ['a few endpoints', plain(3), false],
  ['many endpoints', plain(1000), true],
  ['many endpoints, one of which is not ready', [...plain(20), starting], false],
  ['many endpoints, one of which has an address that contains a space', [...plain(20), '10.0.1.2 10.0.1.3'], false],
  ['many endpoints, one of which has an empty address', [...plain(20), ''], false],
])('endpointsOf() returns the endpoints that packEndpoints() was given: %s', (_, endpoints, isPacked) => {
  const kept = { endpoints: packEndpoints(endpoints) };
  expect('addresses' in kept.endpoints).toBe(isPacked);
  expect(endpointsOf(kept)).toEqual(endpoints);
  expect(numberOfEndpoints(kept)).toBe(endpoints.length);
});

test('a slice without the field endpoints counts as empty', () => {
  expect(endpointsOf({})).toEqual([]);
  expect(numberOfEndpoints({})).toBe(0);
});
