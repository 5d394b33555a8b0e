/** Result of resolving a Service port, or a host outside the cluster. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { LiveBackend } from '../../../types/live.ts';
import type { BackendRef } from '../../../types/plan.ts';
import { formatObject } from '../../../types/problem.ts';
import { portText, type Refused, type RefusedPort, withRefused } from './refused-addresses.ts';

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

/** The first port of the Service with the protocol of the reference whose number, targetPort or name matches. */
export function findPort(
  service: V1Service,
  { port, udp }: Pick<BackendRef, 'port' | 'udp'>,
): V1ServicePort | undefined {
  const protocol = udp === true ? 'UDP' : 'TCP';
  return service.spec?.ports?.find((each) => {
    if ((each.protocol ?? 'TCP') !== protocol) return false;
    return each.port === port || each.targetPort === port || each.name === port;
  });
}

/** The `lack` of a backend all of whose addresses or ports were refused. */
export function onlyRefused(what: string, refused: readonly Refused[]): NonNullable<ResolvedBackend['lack']> {
  const [first] = refused;
  if (first !== undefined && 'port' in first) {
    const where = `${formatObject(first.object)} has the port ${portText(first.port)}`;
    return { code: 'invalid-port', reason: `${what} has no usable port: ${where}` };
  }
  const [address, reason] = [...(first?.addresses ?? [])][0] ?? [];
  const rest = address === what ? `is ${reason}` : `has no allowed address: ${address} is ${reason}`;
  return { code: 'refused-address', reason: `${what} ${rest}` };
}

/** A backend without endpoints, because its port is not the number of a port. `what`: its Service. */
export function withoutPort(what: string, refused: RefusedPort): ResolvedBackend {
  const backend = withRefused({ endpoints: [] }, [refused]);
  return { backend, lack: onlyRefused(what, [refused]), externalName: undefined };
}
