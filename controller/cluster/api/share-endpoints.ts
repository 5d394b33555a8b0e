/** A slice that changed mostly holds the endpoints that it held before: these stay the same objects. */
import { isDeepStrictEqual } from 'node:util';
import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';

/** `slice` with the endpoints of `before` that are equal. */
export function shareEndpoints(slice: V1EndpointSlice, before: V1EndpointSlice): V1EndpointSlice {
  const known = new Map((before.endpoints ?? []).map((endpoint) => [keyOf(endpoint), endpoint]));
  const endpoints = (slice.endpoints ?? []).map((endpoint) => {
    const held = known.get(keyOf(endpoint));
    return held !== undefined && isSame(held, endpoint) ? held : endpoint;
  });
  return Object.assign({}, slice, { endpoints });
}

function keyOf({ addresses }: V1Endpoint): string {
  return addresses[0] ?? '';
}

function isSame(a: V1Endpoint, b: V1Endpoint): boolean {
  // Conditions and hints are shared by what they say; first addresses are known to be equal.
  const single = a.addresses.length === 1 && b.addresses.length === 1;
  return (single && a.conditions === b.conditions && a.hints === b.hints) || isDeepStrictEqual(a, b);
}
