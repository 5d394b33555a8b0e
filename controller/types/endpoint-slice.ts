/** EndpointSlices as they are kept: there are as many endpoints as pods, so an endpoint takes as little memory as it can. */
import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';

/** Its address, where it has one address, is ready and has no hints; that is a hundred bytes less, and true of most. */
export type KeptEndpoint = string | V1Endpoint;

export interface KeptSlice extends Omit<V1EndpointSlice, 'endpoints'> {
  readonly endpoints?: readonly KeptEndpoint[];
}

/** What is kept of an endpoint. `conditions.ready` counts as true where it is missing, as the API defines it. */
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

/** What is said of an endpoint besides its addresses. */
export function stateOf(endpoint: KeptEndpoint): Pick<V1Endpoint, 'conditions' | 'hints'> {
  return typeof endpoint === 'string' ? READY : endpoint;
}
