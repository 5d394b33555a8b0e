/** Reads the EndpointSlices of a Service port, and chooses the endpoints that get its requests. */
import type { V1EndpointConditions, V1Service, V1ServicePort } from '@kubernetes/client-node';
import { type AddressJudge, judgeOf } from '../../../types/addresses.ts';
import { addressesOf, numberOfEndpoints, endpointsOf, type KeptSlice, stateOf } from '../../../types/endpoint-slice.ts';
import { exact } from '../../../types/exact.ts';
import type { LiveBackend } from '../../../types/live.ts';
import type { BackendRef } from '../../../types/plan.ts';
import type { Snapshot } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { type Refused, type RefusedAddress, refusedIn } from './refused-addresses.ts';
import { findPort } from './resolved-backend.ts';
import { NO_SLICES, refusedPortIn, slicePort } from './slice-ports.ts';
import { forZone, zonesOf } from './zone-hints.ts';

type Endpoint = LiveBackend['endpoints'][number];

interface Candidate {
  /** Address and port: identifies the endpoint, and is the sort key of the list. */
  readonly key: string;
  readonly endpoint: Endpoint;
  /** Zones that should use the endpoint, according to its hints. */
  readonly zones: readonly string[];
}

/**
 * The ready endpoints, or only those hinted for `zone` if zone hints can be followed. If no endpoint is ready,
 * terminating endpoints that still serve are returned, regardless of hints, as in kube-proxy.
 */
export function chooseEndpoints(
  slices: readonly KeptSlice[],
  service: V1Service,
  port: V1ServicePort,
  rules: EndpointRules,
  refused: Refused[],
): Endpoint[] {
  const { zone, addresses, bounds } = rules;
  const [judge, most] = [judgeOf(addresses), bounds.serviceEndpoints];
  const ready = new Map<string, Candidate>();
  const leaving = new Map<string, Candidate>();
  for (const slice of slices) {
    const number = slicePort(slice, port);
    if (number === undefined) {
      const bad = refusedPortIn(slice, service, port);
      if (bad !== undefined) refused.push(bad);
    }
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
  // This is fast, because each large slice is already sorted, and the built-in sort only merges sorted runs.
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
  const port = service === undefined ? undefined : findPort(service, ref);
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
