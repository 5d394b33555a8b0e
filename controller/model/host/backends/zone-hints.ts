/**
 * Zone hints of EndpointSlices: which endpoints the clients in a zone should use. The rules are those of kube-proxy, so
 * that NGINX and kube-proxy choose the same endpoints.
 */
import type { V1Endpoint } from '@kubernetes/client-node';

/** An endpoint with the zones that should use it; an empty list means that it has no hints. */
interface Hinted {
  readonly zones: readonly string[];
}

const NO_ZONES: readonly string[] = [];

/** The zones in the `forZones` field of an endpoint's hints. */
export function zonesOf(hints: V1Endpoint['hints']): readonly string[] {
  return hints?.forZones?.map(({ name }) => name) ?? NO_ZONES;
}

/**
 * The endpoints for `zone`. All endpoints are returned if the zone is unknown, if an endpoint has no hints (hints are
 * then being added or removed, and the distribution over zones is not reliable), or if no endpoint is for this zone.
 */
export function forZone<T extends Hinted>(ready: readonly T[], zone: string | undefined): readonly T[] {
  if (zone === undefined || ready.some(({ zones }) => zones.length === 0)) return ready;
  const near = ready.filter(({ zones }) => zones.includes(zone));
  return near.length > 0 ? near : ready;
}
