/** Service port → endpoints (annotations-notes, section 8). */
import type { V1EndpointSlice, V1Service, V1ServicePort } from '@kubernetes/client-node';
import ipaddr from 'ipaddr.js';
import type { LiveBackend } from '../types/live.ts';
import type { BackendRef } from '../types/plan.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { type Bounds, excess } from './bounds/bounds.ts';
import { isHostname } from './values/names.ts';
import { forZone, zonesOf } from './zone-hints.ts';

type Endpoint = LiveBackend['endpoints'][number];

interface Candidate {
  /** Address and port: each pair is used once, and in this order. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly zones: readonly string[];
}

export interface ResolvedBackend {
  readonly backend: LiveBackend;
  /** Why there are no endpoints, as the end of a sentence; undefined where there are some. */
  readonly lack: { readonly code: string; readonly reason: string } | undefined;
  /** It was to be the Service's own address, which it has none of. */
  readonly headless?: true;
  /** Why it has fewer endpoints than the Service, as the end of a sentence that begins with the Service. */
  readonly cut?: string;
  /** DNS name that has to be resolved for it. */
  readonly externalName: string | undefined;
}

/** Addresses of DNS names, as far as they are known; null where ExternalName Services are not to be served. */
export type ResolvedNames = ReadonlyMap<string, readonly string[]> | null;

/** Key of a backend in the live data, without its `b:`. No name of a port has a dot. */
export function backendKey(ref: BackendRef): string {
  return `${ref.namespace}/${ref.service.replaceAll(':', '-')}/${portKey(ref)}`;
}

function portKey({ port, viaService }: BackendRef): string {
  return viaService === true ? `${port}.service` : `${port}`;
}

const NOTHING: LiveBackend = { endpoints: [] };

function lacking(code: string, reason: string, externalName?: string): ResolvedBackend {
  return { backend: NOTHING, lack: { code, reason }, externalName };
}

/** The first port of the Service whose number, targetPort or name is the one asked for. */
function findPort(service: V1Service, port: number | string): V1ServicePort | undefined {
  return service.spec?.ports?.find((each) => {
    if ((each.protocol ?? 'TCP') !== 'TCP') return false;
    return each.port === port || each.targetPort === port || each.name === port;
  });
}

function slicePort(slice: V1EndpointSlice, port: V1ServicePort): number | undefined {
  if (slice.ports === undefined || slice.ports.length === 0) {
    return typeof port.targetPort === 'number' ? port.targetPort : undefined;
  }
  return slice.ports.find((each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === 'TCP')
    ?.port;
}

/**
 * Ready endpoints, of `zone` where hints part them; where there are none, those that terminate and still serve (as
 * kube-proxy does, which looks at no hints then).
 */
function choose(
  slices: readonly V1EndpointSlice[],
  port: V1ServicePort,
  zone: string | undefined,
  most: number,
): Endpoint[] {
  const ready = new Map<string, Candidate>();
  const leaving = new Map<string, Candidate>();
  for (const slice of slices) {
    const number = slicePort(slice, port);
    if (number === undefined || slice.addressType === 'FQDN') continue;
    for (const endpoint of slice.endpoints ?? []) {
      const { ready: isReady, serving, terminating } = endpoint.conditions ?? {};
      const group = isReady !== false ? ready : terminating === true && serving === true ? leaving : undefined;
      if (group === undefined) continue;
      const zones = zonesOf(endpoint);
      for (const address of endpoint.addresses) {
        const key = `${address} ${number}`;
        // Slices are in the order of their names, so that every replica leaves the same ones out.
        if (group.size >= most && !group.has(key)) continue;
        group.set(key, { key, endpoint: [address, number, 1], zones });
      }
    }
  }
  const chosen = ready.size > 0 ? forZone([...ready.values()], zone) : [...leaving.values()];
  return [...chosen].sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ endpoint }) => endpoint);
}

/** Loopback, unspecified and link-local addresses are never somebody's backend behind a DNS name. */
export function isForeignAddress(address: string): boolean {
  return ipaddr.isValid(address) && !['loopback', 'unspecified', 'linkLocal'].includes(ipaddr.process(address).range());
}

/** The port of what an ExternalName names: nobody translates a Service's port to its target on the way there. */
function externalPort(service: V1Service, port: number | string): number | undefined {
  const found = findPort(service, port);
  if (typeof found?.targetPort === 'number') return found.targetPort;
  return found?.port ?? (typeof port === 'number' ? port : undefined);
}

/** Addresses of an ExternalName Service. */
export function external(service: V1Service, ref: BackendRef, names: ResolvedNames): ResolvedBackend {
  if (names === null) return lacking('refused-external-name', 'ExternalName Services are switched off');
  const name = (service.spec?.externalName ?? '').toLowerCase().replace(/\.$/, '');
  const number = externalPort(service, ref.port);
  if (number === undefined)
    return lacking('missing-port', `Service ${ref.namespace}/${ref.service} has no port ${ref.port}`);
  const isAddress = ipaddr.isValid(name);
  if (!isAddress && (!isHostname(name) || name === 'localhost' || name.endsWith('.localhost'))) {
    return lacking(
      'refused-external-name',
      `externalName ${JSON.stringify(name)} is not a name that may be proxied to`,
    );
  }
  const found = isAddress ? [name] : names.get(name);
  if (found === undefined) return lacking('unresolved-external-name', `${name} has not been resolved`, name);
  const addresses = found.filter(isForeignAddress);
  const externalName = isAddress ? undefined : name;
  if (addresses.length === 0) {
    const reason =
      found.length === 0 ? `${name} has no address` : `${name} resolves to loopback or link-local addresses only`;
    return lacking('unresolved-external-name', reason, externalName);
  }
  const endpoints = addresses.map((address): Endpoint => [address, number, 1]);
  return { backend: { endpoints }, lack: undefined, externalName };
}

function resolve(
  ref: BackendRef,
  service: V1Service,
  slices: readonly V1EndpointSlice[],
  names: ResolvedNames,
  { zone, bounds }: EndpointRules,
): ResolvedBackend {
  if (service.spec?.type === 'ExternalName') return external(service, ref, names);
  const port = findPort(service, ref.port);
  const name = `${ref.namespace}/${ref.service}`;
  if (port === undefined) return lacking('missing-port', `Service ${name} has no TCP port ${ref.port}`);
  const { clusterIP = '' } = service.spec ?? {};
  if (ref.viaService === true && ipaddr.isValid(clusterIP)) {
    return { backend: { endpoints: [[clusterIP, port.port, 1]] }, lack: undefined, externalName: undefined };
  }
  const headless = ref.viaService === true ? { headless: true as const } : {};
  const endpoints = choose(slices, port, zone, bounds.serviceEndpoints);
  if (endpoints.length === 0) return lacking('no-endpoints', `Service ${name} has no ready endpoints`);
  const cut = excess('serviceEndpoints', countOf(slices), bounds);
  return {
    backend: { endpoints },
    lack: undefined,
    externalName: undefined,
    ...headless,
    ...(cut !== undefined && { cut }),
  };
}

function countOf(slices: readonly V1EndpointSlice[]): number {
  return slices.reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0);
}

/** What decides which endpoints of a Service are used. */
export interface EndpointRules {
  readonly bounds: Bounds;
  /** The own zone where hints of zones are followed. */
  readonly zone?: string | undefined;
}

interface Memo {
  readonly slices: readonly V1EndpointSlice[];
  readonly rules: EndpointRules;
  readonly addresses: readonly string[] | undefined;
  readonly resolved: ResolvedBackend;
}
const memos = new WeakMap<V1Service, Map<string, Memo>>();
const NO_SLICES: readonly V1EndpointSlice[] = [];

/**
 * Endpoints of a Service port. The same objects give the same result object.
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
  return a.zone === b.zone && a.bounds === b.bounds;
}
