/** Zone hints of EndpointSlices: which endpoints a zone prefers. The rule is kube-proxy's, so that both agree. */
import type { V1Endpoint } from '@kubernetes/client-node';

/** Something with the zones that should use it; without zones it counts as not hinted. */
interface Hinted {
  readonly zones: readonly string[];
}

const NO_ZONES: readonly string[] = [];

/** `forZones` of an endpoint's hints. */
export function zonesOf(hints: V1Endpoint['hints']): readonly string[] {
  return hints?.forZones?.map(({ name }) => name) ?? NO_ZONES;
}

/**
 * The endpoints for `zone`. All endpoints if the zone is unknown, if one has no hint (hints are then being added or
 * removed, and the zones' shares are not reliable), or if none is for this zone.
 */
export function forZone<T extends Hinted>(ready: readonly T[], zone: string | undefined): readonly T[] {
  if (zone === undefined || ready.some(({ zones }) => zones.length === 0)) return ready;
  const near = ready.filter(({ zones }) => zones.includes(zone));
  return near.length > 0 ? near : ready;
}
