/**
 * EndpointSlices in their stored form: there are as many endpoints as pods, so each takes as little memory as possible.
 */
import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';

/**
 * Just its address, if it has one address, is ready and has no hints; that saves a hundred bytes, for most endpoints.
 */
export type KeptEndpoint = string | V1Endpoint;

/** Many endpoints that are just their addresses: a string for each would take three times as much memory. */
interface PackedEndpoints {
  /** Addresses with a space between them. */
  readonly addresses: string;
  readonly count: number;
}

export interface KeptSlice extends Omit<V1EndpointSlice, 'endpoints'> {
  /** To be read with `endpointsOf` and `numberOfEndpoints`. */
  readonly endpoints?: readonly KeptEndpoint[] | PackedEndpoints;
}

/** Fewer are not worth packing. */
const MANY = 16;

/** The stored form of the endpoints of a slice. */
export function packEndpoints(endpoints: readonly KeptEndpoint[]): NonNullable<KeptSlice['endpoints']> {
  if (endpoints.length < MANY || !endpoints.every(isPackable)) return endpoints;
  return { addresses: endpoints.join(' '), count: endpoints.length };
}

/** Files may hold addresses with spaces, which are reported, but not left out. */
function isPackable(endpoint: KeptEndpoint): endpoint is string {
  return typeof endpoint === 'string' && endpoint !== '' && !endpoint.includes(' ');
}

export function endpointsOf({ endpoints = [] }: Pick<KeptSlice, 'endpoints'>): readonly KeptEndpoint[] {
  return 'addresses' in endpoints ? endpoints.addresses.split(' ') : endpoints;
}

export function numberOfEndpoints({ endpoints = [] }: Pick<KeptSlice, 'endpoints'>): number {
  return 'addresses' in endpoints ? endpoints.count : endpoints.length;
}

/** The stored fields of an endpoint. A missing `conditions.ready` counts as true, as the API defines it. */
export function keptEndpoint(endpoint: V1Endpoint): KeptEndpoint {
  const { addresses, conditions, hints } = endpoint;
  const [address] = addresses;
  const isPlain = addresses.length === 1 && conditions?.ready !== false && hints === undefined;
  return isPlain && address !== undefined ? address : endpoint;
}

export function addressesOf(endpoint: KeptEndpoint): readonly string[] {
  return typeof endpoint === 'string' ? [endpoint] : endpoint.addresses;
}

const READY: Pick<V1Endpoint, 'conditions' | 'hints'> = {};

/** The fields of an endpoint besides its addresses. */
export function stateOf(endpoint: KeptEndpoint): Pick<V1Endpoint, 'conditions' | 'hints'> {
  return typeof endpoint === 'string' ? READY : endpoint;
}
