/** Resolves a Service port to the endpoints that get its requests. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import ipaddr from 'ipaddr.js';
import { type AddressJudge, judgeOf } from '../../../types/addresses.ts';
import { numberOfEndpoints, type KeptSlice } from '../../../types/endpoint-slice.ts';
import type { BackendRef } from '../../../types/plan.ts';
import type { Snapshot } from '../../../types/snapshot.ts';
import { portKey } from '../../contract/backend-key.ts';
import { excess } from '../../contract/bounds.ts';
import { isPort } from '../../../types/ports.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { external } from './external-names.ts';
import { type Refused, withRefused } from './refused-addresses.ts';
import {
  findPort,
  lacking,
  onlyRefused,
  type ResolvedBackend,
  type ResolvedNames,
  withoutPort,
} from './resolved-backend.ts';
import { chooseEndpoints } from './slice-endpoints.ts';
import { NO_SLICES, refusedServicePort } from './slice-ports.ts';

const MOST_NAMED = 10;

function listed(all: readonly string[]): string {
  const more = all.length - MOST_NAMED;
  return all.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The ports of a Service, as the end of a sentence about a port that it does not have. */
function portsOf({ spec }: V1Service, wanted: 'TCP' | 'UDP'): string {
  const ports = (spec?.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === wanted);
  if (ports.length === 0) return `, nor any other ${wanted} port`;
  return `; its ports are ${listed(ports.map(({ port, name = '' }) => (name === '' ? `${port}` : `${port} (${name})`)))}`;
}

/**
 * Endpoints are found by the name of the Service's port. If no EndpointSlice has a port with this name: an explanation
 * that ends a sentence, with the names that the slices have; otherwise an empty string.
 */
function otherNames(slices: readonly KeptSlice[], { name = '' }: V1ServicePort): string {
  const filled = slices.filter((slice) => numberOfEndpoints(slice) > 0 && (slice.ports ?? []).length > 0);
  const names = new Set(filled.flatMap(({ ports }) => (ports ?? []).map((each) => each.name ?? '')));
  if (names.size === 0 || names.has(name)) return '';
  const text = (each: string) => (each === '' ? 'without a name' : `named ${JSON.stringify(each)}`);
  return ` for its port ${text(name)}; its EndpointSlices have ports ${listed([...names].sort().map(text))}`;
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
  const port = findPort(service, ref);
  const protocol = ref.udp === true ? 'UDP' : 'TCP';
  const name = `${ref.namespace}/${ref.service}`;
  if (port === undefined)
    return lacking('missing-port', `Service ${name} has no ${protocol} port ${ref.port}${portsOf(service, protocol)}`);
  const { clusterIP = '' } = service.spec ?? {};
  if (ref.viaService === true && ipaddr.isValid(clusterIP)) return ownAddress(ref, clusterIP, service, port, judge);
  const headless = ref.viaService === true ? { headless: true as const } : {};
  const refused: Refused[] = [];
  const endpoints = chooseEndpoints(slices, service, port, rules, refused);
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
function ownAddress(
  ref: BackendRef,
  address: string,
  service: V1Service,
  found: V1ServicePort,
  judge: AddressJudge,
): ResolvedBackend {
  const { port } = found;
  if (!isPort(port))
    return withoutPort(`Service ${ref.namespace}/${ref.service}`, refusedServicePort(service, found, 'port', port));
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

/** A result, and what it depends on. */
interface Memo {
  readonly slices: readonly KeptSlice[];
  readonly rules: EndpointRules;
  readonly addresses: readonly string[] | undefined;
  readonly resolved: ResolvedBackend;
}
const memos = new WeakMap<V1Service, Map<string, Memo>>();

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
