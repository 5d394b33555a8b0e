/** Zone hints of EndpointSlices: which endpoints a zone prefers. The rule is kube-proxy's, so that both agree. */
import type { V1Endpoint } from '@kubernetes/client-node';

/** Something with the zones that are to use it; without any it counts as not hinted. */
interface Hinted {
  readonly zones: readonly string[];
}

const NO_ZONES: readonly string[] = [];

/** `forZones` of the hints of an endpoint. */
export function zonesOf(hints: V1Endpoint['hints']): readonly string[] {
  return hints?.forZones?.map(({ name }) => name) ?? NO_ZONES;
}

/**
 * The endpoints that are meant for `zone`. All of them where it is unknown, where one has no hint (hints are being
 * written or taken away, and the zones' shares are not what they seem), and where none is meant for this zone.
 */
export function forZone<T extends Hinted>(ready: readonly T[], zone: string | undefined): readonly T[] {
  if (zone === undefined || ready.some(({ zones }) => zones.length === 0)) return ready;
  const near = ready.filter(({ zones }) => zones.includes(zone));
  return near.length > 0 ? near : ready;
}
