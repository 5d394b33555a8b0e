/**
 * EndpointSlices in their stored form: there are as many endpoints as pods, so each takes as little memory as possible.
 */
import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';

/**
 * Just its address, if it has one address, is ready and has no hints; that saves a hundred bytes, for most endpoints.
 */
export type KeptEndpoint = string | V1Endpoint;

export interface KeptSlice extends Omit<V1EndpointSlice, 'endpoints'> {
  readonly endpoints?: readonly KeptEndpoint[];
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
