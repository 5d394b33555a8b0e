/** Backends whose endpoints are the addresses of a DNS name: ExternalName Services, and hosts outside the cluster. */
import type { V1Service } from '@kubernetes/client-node';
import ipaddr from 'ipaddr.js';
import type { AddressJudge } from '../../../types/addresses.ts';
import type { LiveBackend } from '../../../types/live.ts';
import type { BackendRef } from '../../../types/plan.ts';
import { type RefusedAddress, type RefusedPort, withRefused } from './refused-addresses.ts';
import {
  findPort,
  lacking,
  onlyRefused,
  type ResolvedBackend,
  type ResolvedNames,
  withoutPort,
} from './resolved-backend.ts';
import { isHostname, isNumericHost } from '../../values/names.ts';
import { isPort } from '../../../types/ports.ts';
import { refusedServicePort } from './slice-ports.ts';

type Endpoint = LiveBackend['endpoints'][number];

/**
 * The port to connect to at the target of an ExternalName. NGINX connects to the target directly, so it must itself
 * replace the Service's port with a numeric targetPort.
 */
function externalPort(service: V1Service, ref: BackendRef): number | RefusedPort | undefined {
  const { port } = ref;
  const found = findPort(service, ref);
  const field = typeof found?.targetPort === 'number' ? 'targetPort' : 'port';
  const number: unknown = found?.[field] ?? (typeof port === 'number' ? port : undefined);
  if (number === undefined || isPort(number)) return number;
  return refusedServicePort(service, found, field, number);
}

function isTargetName(name: string): boolean {
  return isHostname(name) && !isNumericHost(name) && name !== 'localhost' && !name.endsWith('.localhost');
}

/** Resolves a port of an ExternalName Service. */
export function external(
  service: V1Service,
  ref: BackendRef,
  names: ResolvedNames,
  judge: AddressJudge,
): ResolvedBackend {
  if (names === null) return lacking('refused-external-name', 'ExternalName Services are disabled');
  const name = (service.spec?.externalName ?? '').toLowerCase().replace(/\.$/, '');
  const number = externalPort(service, ref);
  if (number === undefined)
    return lacking('missing-port', `Service ${ref.namespace}/${ref.service} has no port ${ref.port}`);
  if (typeof number !== 'number') return withoutPort(`Service ${ref.namespace}/${ref.service}`, number);
  const isAddress = ipaddr.isValid(name);
  if (!isAddress && !isTargetName(name)) {
    return lacking('refused-external-name', `externalName ${JSON.stringify(name)} is not allowed as a target`);
  }
  const found = isAddress ? [name] : names.get(name);
  const named = ref.outside === true ? name : `externalName ${name} of Service ${ref.namespace}/${ref.service}`;
  if (found === undefined) return lacking('unresolved-external-name', `${named} has not been resolved`, name);
  const externalName = isAddress ? undefined : name;
  if (found.length === 0) return lacking('unresolved-external-name', `${named} has no address in DNS`, externalName);
  const { addresses, refused } = sift(found, number, judge, ref, isAddress ? undefined : name);
  const endpoints = addresses.map((address): Endpoint => [address, number, 1]);
  const lack = endpoints.length > 0 ? undefined : onlyRefused(name, refused);
  return { backend: withRefused({ endpoints }, refused), lack, externalName };
}

/**
 * Splits the addresses of a name into those to which NGINX may connect, and refused ones, which are reported for the
 * Service or for the annotation that contains the name.
 */
function sift(
  found: readonly string[],
  port: number,
  judge: AddressJudge,
  ref: BackendRef,
  name: string | undefined,
): { readonly addresses: readonly string[]; readonly refused: readonly RefusedAddress[] } {
  const left = new Map(found.flatMap((address) => reasonOf(address, judge(address, port))));
  if (left.size === 0) return { addresses: found, refused: [] };
  const { namespace, service, outside } = ref;
  const object = outside === true ? undefined : { kind: 'Service', namespace, name: service };
  const refused = { object, field: ['spec', 'externalName'], name, addresses: left };
  return { addresses: found.filter((address) => !left.has(address)), refused: [refused] };
}

function reasonOf(address: string, reason: string | undefined): [string, string][] {
  return reason === undefined ? [] : [[address, reason]];
}
