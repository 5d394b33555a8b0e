/**
 * Addresses and ports that are left out of backends because NGINX must not connect to them, or cannot, and the Problems
 * about them.
 */
import type { AddressJudge } from '../../../types/addresses.ts';
import { addressesOf, type KeptEndpoint, type KeptSlice } from '../../../types/endpoint-slice.ts';
import type { LiveBackend } from '../../../types/live.ts';
import { type FieldPath, type ObjectRef, type Problem, shorten } from '../../../types/problem.ts';

/** The refused addresses of one object, or of one DNS name. */
export interface RefusedAddress {
  /** The EndpointSlice or Service with the addresses; undefined for a name in an annotation. */
  readonly object: ObjectRef | undefined;
  /** Field of the first refused address. */
  readonly field: FieldPath;
  /** DNS name that resolves to the addresses; undefined if the object contains the addresses themselves. */
  readonly name: string | undefined;
  /** Refused address → why, such as `a loopback address`. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** A field of a Service or EndpointSlice that is not the number of a port. */
export interface RefusedPort {
  readonly object: ObjectRef;
  readonly field: FieldPath;
  readonly port: unknown;
}

export type Refused = RefusedAddress | RefusedPort;

/** The refused addresses among the endpoints of a slice; undefined if there are none. */
export function refusedIn(
  slice: KeptSlice,
  endpoints: readonly KeptEndpoint[],
  port: number,
  judge: AddressJudge,
): RefusedAddress | undefined {
  let addresses: Map<string, string> | undefined;
  let field: FieldPath = [];
  for (const [index, endpoint] of endpoints.entries()) {
    for (const [at, address] of addressesOf(endpoint).entries()) {
      const reason = judge(address, port);
      if (reason === undefined) continue;
      if (addresses === undefined) field = ['endpoints', index, 'addresses', at];
      addresses = (addresses ?? new Map<string, string>()).set(address, reason);
    }
  }
  const { namespace = '', name = '' } = slice.metadata ?? {};
  const object = { kind: 'EndpointSlice', namespace, name };
  return addresses === undefined ? undefined : { object, field, name: undefined, addresses };
}

const left = new WeakMap<LiveBackend, readonly Refused[]>();
const NONE: readonly Refused[] = [];

/** Records what was left out of a backend, and returns the backend. */
export function withRefused(backend: LiveBackend, refused: readonly Refused[]): LiveBackend {
  if (refused.length > 0) left.set(backend, refused);
  return backend;
}

/** What was left out of a backend. */
export function refusedOf(backend: LiveBackend): readonly Refused[] {
  return left.get(backend) ?? NONE;
}

/** A refused port as text, such as `0` or `"80;}"`. */
export function portText(port: unknown): string {
  return shorten(port, 20);
}

function portProblem({ object, field, port }: RefusedPort): Problem {
  return {
    code: 'invalid-port',
    severity: 'error',
    effect: 'none',
    object,
    field,
    value: portText(port),
    message: 'is not a port from 1 to 65535; no requests go there',
    example: '8080',
  };
}

/** The Problem about what was refused. `named`: the Ingress and field to report if the name is in an annotation. */
export function refusedProblem(
  refused: Refused,
  named: { readonly object: ObjectRef; readonly field: FieldPath },
): Problem {
  if ('port' in refused) return portProblem(refused);
  const { object, field, name, addresses } = refused;
  const [[address, reason] = ['', '']] = addresses;
  const more = addresses.size - 1;
  const others =
    more === 0 ? '' : more === 1 ? '; another address is refused, too' : `; ${more} other addresses are refused, too`;
  const whose = name === undefined ? address : `${address}, an address of ${name},`;
  return {
    code: 'refused-address',
    severity: 'error',
    effect: 'none',
    ...(object === undefined ? named : { object, field }),
    value: address,
    message: `${whose} is left out: it is ${reason}${others}; --allow-addresses allows exceptions`,
    example: `--allow-addresses=${address}`,
  };
}
