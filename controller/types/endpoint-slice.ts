/**
 * EndpointSlices as they are stored. There are as many endpoints as pods, so each endpoint takes as little memory as
 * possible.
 */
import type { V1Endpoint, V1EndpointSlice } from '@kubernetes/client-node';

/**
 * An endpoint that has one address, is ready and has no hints is stored as just its address. That is true for most
 * endpoints, and saves a hundred bytes each.
 */
export type KeptEndpoint = string | V1Endpoint;

/** Endpoints that are stored as just their addresses, in one string: separate strings take three times the memory. */
interface PackedEndpoints {
  /** The addresses, separated by spaces. */
  readonly addresses: string;
  readonly count: number;
}

export interface KeptSlice extends Omit<V1EndpointSlice, 'endpoints'> {
  /** Use `endpointsOf` and `numberOfEndpoints` to read this. */
  readonly endpoints?: readonly KeptEndpoint[] | PackedEndpoints;
}

/** Minimum number of endpoints to pack: with fewer, packing saves little. */
const MANY = 16;

/** The stored form of the endpoints of a slice. */
export function packEndpoints(endpoints: readonly KeptEndpoint[]): NonNullable<KeptSlice['endpoints']> {
  if (endpoints.length < MANY || !endpoints.every(isPackable)) return endpoints;
  return { addresses: endpoints.join(' '), count: endpoints.length };
}

/**
 * Whether an endpoint can be packed. Addresses in manifests may contain spaces; such addresses stay as they are, so
 * that they are reported.
 */
function isPackable(endpoint: KeptEndpoint): endpoint is string {
  return typeof endpoint === 'string' && endpoint !== '' && !endpoint.includes(' ');
}

export function endpointsOf({ endpoints = [] }: Pick<KeptSlice, 'endpoints'>): readonly KeptEndpoint[] {
  return 'addresses' in endpoints ? endpoints.addresses.split(' ') : endpoints;
}

export function numberOfEndpoints({ endpoints = [] }: Pick<KeptSlice, 'endpoints'>): number {
  return 'addresses' in endpoints ? endpoints.count : endpoints.length;
}

/** The stored form of an endpoint. As the API defines, an endpoint without `conditions.ready` is ready. */
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

/** The stored fields of an endpoint other than its addresses. */
export function stateOf(endpoint: KeptEndpoint): Pick<V1Endpoint, 'conditions' | 'hints'> {
  return typeof endpoint === 'string' ? READY : endpoint;
}
