/** Result of resolving a Service port, or a host outside the cluster. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { LiveBackend } from '../../../types/live.ts';
import type { RefusedAddress } from './refused-addresses.ts';

export interface ResolvedBackend {
  readonly backend: LiveBackend;
  /** Why there are no endpoints, as a clause without a full stop; undefined if there are endpoints. */
  readonly lack: { readonly code: string; readonly reason: string } | undefined;
  /** service-upstream was requested, but the Service has no cluster IP. */
  readonly headless?: true;
  /** Why only some endpoints of the Service are used, as the end of a sentence that begins with the Service. */
  readonly cut?: string;
  /** DNS name that must be resolved for the backend. */
  readonly externalName: string | undefined;
}

/** Known addresses of DNS names; null if ExternalName Services are disabled. */
export type ResolvedNames = ReadonlyMap<string, readonly string[]> | null;

const NOTHING: LiveBackend = { endpoints: [] };

/** A backend without endpoints. */
export function lacking(code: string, reason: string, externalName?: string): ResolvedBackend {
  return { backend: NOTHING, lack: { code, reason }, externalName };
}

/** The first port of the Service whose number, targetPort or name matches. */
export function findPort(service: V1Service, port: number | string): V1ServicePort | undefined {
  return service.spec?.ports?.find((each) => {
    if ((each.protocol ?? 'TCP') !== 'TCP') return false;
    return each.port === port || each.targetPort === port || each.name === port;
  });
}

/** The `lack` of a backend all of whose addresses were refused. */
export function onlyRefused(what: string, refused: readonly RefusedAddress[]): NonNullable<ResolvedBackend['lack']> {
  const [address, reason] = [...(refused[0]?.addresses ?? [])][0] ?? [];
  const rest = address === what ? `is ${reason}` : `has no allowed address: ${address} is ${reason}`;
  return { code: 'refused-address', reason: `${what} ${rest}` };
}
