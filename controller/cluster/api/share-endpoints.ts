/**
 * Reuses the endpoint objects of a slice's previous version, because most endpoints stay the same when a slice changes.
 */
import { isDeepStrictEqual } from 'node:util';
import { addressesOf, endpointsOf, type KeptEndpoint, type KeptSlice } from '../../types/endpoint-slice.ts';

/**
 * Returns a copy of `slice` in which each endpoint that equals an endpoint of `before` is replaced by the object in
 * `before`.
 */
export function shareEndpoints(slice: KeptSlice, before: KeptSlice): KeptSlice {
  const { endpoints: now } = slice;
  if (now === undefined || 'addresses' in now) return slice;
  const known = new Map(endpointsOf(before).map((endpoint) => [keyOf(endpoint), endpoint]));
  const endpoints = now.map((endpoint) => {
    const held = known.get(keyOf(endpoint));
    return held !== undefined && isSame(held, endpoint) ? held : endpoint;
  });
  return Object.assign({}, slice, { endpoints });
}

function keyOf(endpoint: KeptEndpoint): string {
  return addressesOf(endpoint)[0] ?? '';
}

function isSame(a: KeptEndpoint, b: KeptEndpoint): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  // Equal conditions and hints are shared objects. The first addresses are equal, because `keyOf` compares them.
  const single = a.addresses.length === 1 && b.addresses.length === 1;
  return (single && a.conditions === b.conditions && a.hints === b.hints) || isDeepStrictEqual(a, b);
}
