/** Resolves a Service port to the endpoints that get its requests. */
import type { V1EndpointConditions, V1Service, V1ServicePort } from '@kubernetes/client-node';
import ipaddr from 'ipaddr.js';
import { type AddressJudge, type AddressRules, judgeOf } from '../../../types/addresses.ts';
import { addressesOf, numberOfEndpoints, endpointsOf, type KeptSlice, stateOf } from '../../../types/endpoint-slice.ts';
import { exact } from '../../../types/exact.ts';
import type { LiveBackend } from '../../../types/live.ts';
import type { BackendRef } from '../../../types/plan.ts';
import type { Snapshot } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import { portKey } from '../../contract/backend-key.ts';
import { type Bounds, excess } from '../../contract/bounds.ts';
import { external } from './external-names.ts';
import { type RefusedAddress, refusedIn, withRefused } from './refused-addresses.ts';
import { findPort, lacking, onlyRefused, type ResolvedBackend, type ResolvedNames } from './resolved-backend.ts';
import { forZone, zonesOf } from './zone-hints.ts';

type Endpoint = LiveBackend['endpoints'][number];

interface Candidate {
  /** Address and port: identifies the endpoint, and is the sort key of the list. */
  readonly key: string;
  readonly endpoint: Endpoint;
  /** Zones that should use the endpoint, according to its hints. */
  readonly zones: readonly string[];
}

function slicePort(slice: KeptSlice, port: V1ServicePort): number | undefined {
  if (slice.ports === undefined || slice.ports.length === 0) {
    return typeof port.targetPort === 'number' ? port.targetPort : undefined;
  }
  return slice.ports.find((each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === 'TCP')
    ?.port;
}

/**
 * The ready endpoints, or only those hinted for `zone` if zone hints can be followed. If no endpoint is ready,
 * terminating endpoints that still serve, regardless of hints, as in kube-proxy.
 */
function choose(
  slices: readonly KeptSlice[],
  port: V1ServicePort,
  rules: EndpointRules,
  refused: RefusedAddress[],
): Endpoint[] {
  const { zone, addresses, bounds } = rules;
  const [judge, most] = [judgeOf(addresses), bounds.serviceEndpoints];
  const ready = new Map<string, Candidate>();
  const leaving = new Map<string, Candidate>();
  for (const slice of slices) {
    const number = slicePort(slice, port);
    if (number === undefined || slice.addressType === 'FQDN') continue;
    const part = partOf(slice, number, judge);
    if (part.refused !== undefined) refused.push(part.refused);
    for (const [group, candidates] of [[ready, part.ready] as const, [leaving, part.leaving] as const])
      for (const each of candidates) {
        // Slices are ordered by name, so that every replica leaves out the same endpoints beyond the bound.
        if (group.size < most || group.has(each.key)) group.set(each.key, each);
      }
    // Endpoints of later slices would be beyond the bound, so these slices are not read.
    if (ready.size >= most) break;
  }
  const chosen = ready.size > 0 ? forZone([...ready.values()], zone) : [...leaving.values()];
  // This is fast because the built-in sort merges runs that are already sorted, and each large slice is one.
  return [...chosen].sort(byKey).map(({ endpoint }) => endpoint);
}

function byKey(a: Candidate, b: Candidate): number {
  return a.key < b.key ? -1 : 1;
}

/**
 * Reads the large slices of a Service port one at a time, with pauses, and remembers their content, so that resolving
 * the port later takes little time.
 */
export function* readSlices(ref: BackendRef, snapshot: Snapshot, { addresses, bounds }: EndpointRules): Steps<void> {
  const key = `${ref.namespace}/${ref.service}`;
  const service = snapshot.Service.get(key);
  const port = service === undefined ? undefined : findPort(service, ref.port);
  if (port === undefined) return;
  const judge = judgeOf(addresses);
  let ready = 0;
  for (const slice of snapshot.slicesOfService.get(key) ?? NO_SLICES) {
    const number = isLarge(slice) ? slicePort(slice, port) : undefined;
    if (number === undefined || slice.addressType === 'FQDN') continue;
    ready += partOf(slice, number, judge).ready.length;
    if (ready >= bounds.serviceEndpoints) return;
    yield;
  }
}

/** Whether a slice is so large that its content is remembered, and that reading it is followed by a pause. */
function isLarge(slice: KeptSlice): boolean {
  return numberOfEndpoints(slice) > 50;
}

/** The endpoints of one slice for one port, sorted by `key`. */
interface Part {
  readonly judge: AddressJudge;
  readonly port: number;
  readonly ready: readonly Candidate[];
  readonly leaving: readonly Candidate[];
  readonly refused: RefusedAddress | undefined;
}

const parts = new WeakMap<KeptSlice, Part>();

/**
 * The content of a slice. The content of a large slice is remembered, so that the slice is not read again when another
 * slice of the Service changes. Most slices are small; reading a small slice takes less time than remembering it.
 */
function partOf(slice: KeptSlice, port: number, judge: AddressJudge): Part {
  const known = parts.get(slice);
  if (known?.judge === judge && known.port === port) return known;
  const part = readPart(slice, port, judge);
  if (isLarge(slice)) parts.set(slice, part);
  return part;
}

function readPart(slice: KeptSlice, port: number, judge: AddressJudge): Part {
  // Packed endpoints are unpacked by each call.
  const endpoints = endpointsOf(slice);
  const refused = refusedIn(slice, endpoints, port, judge);
  const isRefused = (address: string): boolean => refused?.addresses.has(address) === true;
  const candidates: Record<'ready' | 'leaving', Candidate[]> = { ready: [], leaving: [] };
  for (const endpoint of endpoints) {
    const { conditions, hints } = stateOf(endpoint);
    const group = groupOf(conditions);
    if (group === undefined) continue;
    const zones = zonesOf(hints);
    for (const address of addressesOf(endpoint))
      if (!isRefused(address))
        candidates[group].push({ key: `${address} ${port}`, endpoint: [address, port, 1], zones });
  }
  const inOrder = (group: readonly Candidate[]): readonly Candidate[] => exact(group).sort(byKey);
  return { judge, port, ready: inOrder(candidates.ready), leaving: inOrder(candidates.leaving), refused };
}

/** Whether an endpoint is ready, or is terminating but still serves; undefined for one that must not get requests. */
function groupOf({ ready, serving, terminating }: V1EndpointConditions = {}): 'ready' | 'leaving' | undefined {
  if (ready !== false) return 'ready';
  return terminating === true && serving === true ? 'leaving' : undefined;
}

const MOST_NAMED = 10;

function listed(all: readonly string[]): string {
  const more = all.length - MOST_NAMED;
  return all.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The ports of a Service, as the end of a sentence about a port that it does not have. */
function portsOf({ spec }: V1Service): string {
  const ports = (spec?.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
  if (ports.length === 0) return ', and no other';
  return `; its ports are ${listed(ports.map(({ port, name = '' }) => (name === '' ? `${port}` : `${port} (${name})`)))}`;
}

/**
 * Endpoints are found by the name of the Service's port. If no EndpointSlice has a port with this name: an explanation
 * that ends a sentence, with the names that the slices have; otherwise an empty text.
 */
function otherNames(slices: readonly KeptSlice[], { name = '' }: V1ServicePort): string {
  const filled = slices.filter((slice) => numberOfEndpoints(slice) > 0 && (slice.ports ?? []).length > 0);
  const names = new Set(filled.flatMap(({ ports }) => (ports ?? []).map((each) => each.name ?? '')));
  if (names.size === 0 || names.has(name)) return '';
  const text = (each: string) => (each === '' ? 'no name' : JSON.stringify(each));
  return (
    ` for its port with ${name === '' ? 'no name' : `the name ${text(name)}`}; the ports of its EndpointSlices have ` +
    listed([...names].sort().map(text))
  );
}

function resolve(
  ref: BackendRef,
  service: V1Service,
  slices: readonly KeptSlice[],
  names: ResolvedNames,
  rules: EndpointRules,
): ResolvedBackend {
  const judge = judgeOf(rules.addresses);
  if (service.spec?.type === 'ExternalName') return external(service, ref, names, judge);
  const port = findPort(service, ref.port);
  const name = `${ref.namespace}/${ref.service}`;
  if (port === undefined)
    return lacking('missing-port', `Service ${name} has no TCP port ${ref.port}${portsOf(service)}`);
  const { clusterIP = '' } = service.spec ?? {};
  if (ref.viaService === true && ipaddr.isValid(clusterIP)) return ownAddress(ref, clusterIP, port.port, judge);
  const headless = ref.viaService === true ? { headless: true as const } : {};
  const refused: RefusedAddress[] = [];
  const endpoints = choose(slices, port, rules, refused);
  const backend = withRefused({ endpoints }, refused);
  if (endpoints.length === 0) {
    if (refused.length === 0)
      return lacking('no-endpoints', `Service ${name} has no ready endpoints${otherNames(slices, port)}`);
    return { backend, lack: onlyRefused(`Service ${name}`, refused), externalName: undefined };
  }
  const cut = excess('serviceEndpoints', endpointsIn(slices), rules.bounds);
  return { backend, lack: undefined, externalName: undefined, ...headless, ...(cut !== undefined && { cut }) };
}

/** The cluster IP of a Service as its only endpoint. */
function ownAddress(ref: BackendRef, address: string, port: number, judge: AddressJudge): ResolvedBackend {
  const reason = judge(address, port);
  if (reason === undefined)
    return { backend: { endpoints: [[address, port, 1]] }, lack: undefined, externalName: undefined };
  const object = { kind: 'Service', namespace: ref.namespace, name: ref.service };
  const refused = [{ object, field: ['spec', 'clusterIP'], name: undefined, addresses: new Map([[address, reason]]) }];
  const lack = onlyRefused(`Service ${ref.namespace}/${ref.service}`, refused);
  return { backend: withRefused({ endpoints: [] }, refused), lack, externalName: undefined };
}

function endpointsIn(slices: readonly KeptSlice[]): number {
  return slices.reduce((sum, slice) => sum + numberOfEndpoints(slice), 0);
}

/** What determines which endpoints of a Service are used. */
export interface EndpointRules {
  readonly bounds: Bounds;
  /** Zone of the controller's node, if zone hints are followed. */
  readonly zone?: string | undefined;
  /** Addresses to which NGINX must not connect are left out. */
  readonly addresses: AddressRules;
}

/** A result, and what it depends on. */
interface Memo {
  readonly slices: readonly KeptSlice[];
  readonly rules: EndpointRules;
  readonly addresses: readonly string[] | undefined;
  readonly resolved: ResolvedBackend;
}
const memos = new WeakMap<V1Service, Map<string, Memo>>();
const NO_SLICES: readonly KeptSlice[] = [];

/**
 * The endpoints of a Service port. As long as no object that the result depends on changes, the same result object is
 * returned.
 */
export function resolveBackend(
  ref: BackendRef,
  snapshot: Snapshot,
  names: ResolvedNames,
  rules: EndpointRules,
): ResolvedBackend {
  const key = `${ref.namespace}/${ref.service}`;
  const service = snapshot.Service.get(key);
  if (service === undefined) return lacking('missing-service', `Service ${key} does not exist`);
  const slices = snapshot.slicesOfService.get(key) ?? NO_SLICES;
  const ports = memos.get(service) ?? new Map<string, Memo>();
  memos.set(service, ports);
  const memo = ports.get(portKey(ref));
  const addresses = (name: string | undefined) => (name === undefined ? undefined : names?.get(name));
  if (
    memo?.slices === slices &&
    sameRules(memo.rules, rules) &&
    memo.addresses === addresses(memo.resolved.externalName)
  )
    return memo.resolved;
  const resolved = resolve(ref, service, slices, names, rules);
  ports.set(portKey(ref), { slices, rules, addresses: addresses(resolved.externalName), resolved });
  return resolved;
}

function sameRules(a: EndpointRules, b: EndpointRules): boolean {
  return a.zone === b.zone && a.bounds === b.bounds && a.addresses === b.addresses;
}
