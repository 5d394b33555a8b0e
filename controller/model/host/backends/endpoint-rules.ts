/**
 * What determines which endpoints of a Service are used. Part of it depends on the cluster: the addresses of the API
 * server, and those of Tidegate's other Pods and Services.
 */
import type { V1Service } from '@kubernetes/client-node';
import { type AddressRules, API_SERVER_PORTS, OWN_PORTS, type ReservedPorts } from '../../../types/addresses.ts';
import { addressesOf, endpointsOf, type KeptSlice } from '../../../types/endpoint-slice.ts';
import type { ObjectKey, Snapshot } from '../../../types/snapshot.ts';
import { differingKeys } from '../../../types/table/diff.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { BuildOptions, ListeningPod } from '../../contract/options.ts';
import { NO_SLICES, slicePort } from './slice-ports.ts';

export interface EndpointRules {
  readonly bounds: Bounds;
  /** Zone of the controller's node, if zone hints are followed. */
  readonly zone?: string | undefined;
  /** Addresses to which NGINX must not connect are left out. */
  readonly addresses: AddressRules;
}

/** The Service of the API server, which the API server itself creates and keeps up to date. */
export const API_SERVER: ObjectKey = 'default/kubernetes';

type Reading = Pick<Snapshot, 'Service' | 'slicesOfService'>;
type Options = Pick<BuildOptions, 'addresses' | 'bounds' | 'ownPod' | 'zone'>;

interface Memo extends Reading {
  readonly options: Options;
  /** The Services whose addresses are reserved. */
  readonly reserved: ReadonlyMap<ObjectKey, readonly ReservedPorts[]>;
  readonly rules: EndpointRules;
}

const memos = new WeakMap<AddressRules, Memo>();
const NOTHING: Reading = { Service: new Map(), slicesOfService: new Map() };

/**
 * The rules for the endpoints of a Snapshot. The same object is returned until a Service changes on which the rules
 * depend. The cost depends on the difference from the Snapshot of the previous call.
 */
export function endpointRules(options: Options, snapshot: Reading): EndpointRules {
  const found = memos.get(options.addresses);
  const known = found !== undefined && sameOptions(found.options, options) ? found : undefined;
  const { Service, slicesOfService } = snapshot;
  if (known?.Service === Service && known.slicesOfService === slicesOfService) return known.rules;
  const before = known ?? NOTHING;
  const reserved = new Map(known?.reserved);
  let changed = false;
  for (const key of decisive(options.ownPod, before, snapshot)) {
    const [was, now] = [reserved.get(key), reservedFor(key, snapshot, options.ownPod)];
    if (JSON.stringify(was) === JSON.stringify(now)) continue;
    changed = true;
    if (now === undefined) reserved.delete(key);
    else reserved.set(key, now);
  }
  const rules = known !== undefined && !changed ? known.rules : rulesOf(options, reserved);
  memos.set(options.addresses, { options, Service, slicesOfService, reserved, rules });
  return rules;
}

function sameOptions(a: Options, b: Options): boolean {
  return a.bounds === b.bounds && a.ownPod === b.ownPod && a.zone === b.zone;
}

/** The Services that differ between `before` and `now` and on which the rules may depend. */
function decisive(pod: ListeningPod | undefined, before: Reading, now: Reading): ReadonlySet<ObjectKey> {
  const keys = new Set<ObjectKey>();
  for (const name of ['Service', 'slicesOfService'] as const)
    for (const key of differingKeys<unknown>(before[name], now[name]))
      if (key === API_SERVER || (pod !== undefined && key.startsWith(`${pod.namespace}/`))) keys.add(key);
  return keys;
}

function rulesOf({ addresses, bounds, zone }: Options, reserved: Memo['reserved']): EndpointRules {
  const found = [...reserved.keys()].sort().flatMap((key) => reserved.get(key) ?? []);
  const all = found.length === 0 ? addresses : { ...addresses, reserved: [...addresses.reserved, ...found] };
  return { addresses: all, bounds, ...(zone !== undefined && { zone }) };
}

/** What is reserved because of a Service; undefined if it leads neither to the API server nor to a Pod of Tidegate. */
function reservedFor(
  key: ObjectKey,
  { Service, slicesOfService }: Reading,
  pod: ListeningPod | undefined,
): readonly ReservedPorts[] | undefined {
  const [service, slices] = [Service.get(key), slicesOfService.get(key) ?? NO_SLICES];
  if (key === API_SERVER)
    return service === undefined && slices.length === 0 ? undefined : ofApiServer(service, slices);
  return pod !== undefined && slices.some((slice) => leadsTo(slice, pod))
    ? ofTidegate(service, slices, pod)
    : undefined;
}

function ofApiServer(service: V1Service | undefined, slices: readonly KeptSlice[]): readonly ReservedPorts[] {
  const what = API_SERVER_PORTS;
  return [
    { addresses: clusterAddresses(service), ports: (service?.spec?.ports ?? []).map(({ port }) => port), what },
    ...slices.map((slice) => ({
      addresses: addressesIn(slice),
      ports: (slice.ports ?? []).flatMap(({ port }) => port ?? []),
      what,
    })),
  ];
}

function leadsTo(slice: KeptSlice, { addresses }: ListeningPod): boolean {
  return addressesIn(slice).some((address) => addresses.includes(address));
}

/**
 * A Service with this Pod among its endpoints also leads to the other replicas, which listen on the same ports. On
 * the Service's own address, only ports that do not lead to a port for clients are reserved: requests that NGINX sends
 * to itself through its Service are common, and end (docs/security.md, Request loops).
 */
function ofTidegate(
  service: V1Service | undefined,
  slices: readonly KeptSlice[],
  { ports, innerPorts }: ListeningPod,
): readonly ReservedPorts[] {
  const what = OWN_PORTS;
  const inner = (service?.spec?.ports ?? []).filter((port) =>
    slices.some((slice) => innerPorts.includes(slicePort(slice, port) ?? -1)),
  );
  return [
    { addresses: slices.flatMap(addressesIn), ports, what },
    { addresses: clusterAddresses(service), ports: inner.map(({ port }) => port), what },
  ];
}

function addressesIn(slice: KeptSlice): readonly string[] {
  return endpointsOf(slice).flatMap(addressesOf);
}

function clusterAddresses(service: V1Service | undefined): readonly string[] {
  const { clusterIP, clusterIPs } = service?.spec ?? {};
  return clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
}
