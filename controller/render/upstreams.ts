/** Named upstreams: which of them a location passes to. They contain no endpoints; the balancer chooses these. */
import type { HostPlan, LocationPlan } from '../types/plan.ts';

/**
 * Locations are distributed over this many upstreams of the same kind. NGINX walks through all idle connections of an
 * upstream to find one to the wanted endpoint, and keeps only a limited number: in a single upstream, thousands of
 * endpoints would evict one another's connections.
 */
const POOLS = 64;
const poolNames = new Map<string, string>();

/** `_0123456789abcdef_7`: follows the protocol; one for each set of TLS settings, in POOLS parts. */
export function poolName({ pass, routeId }: Pick<LocationPlan, 'pass' | 'routeId'>): string {
  const pool = Number.parseInt(routeId.slice(-2), 16) % POOLS;
  const name = `${pass.tlsId === '' ? '' : `_${pass.tlsId}`}_${pool}`;
  if (pass.tlsId !== '') return name;
  // A few names of many thousand locations, each in memory once.
  const known = poolNames.get(name) ?? name;
  poolNames.set(name, known);
  return known;
}

/** `tidegate_https_0123456789abcdef_7`; two of them if the client's protocol decides. */
export function upstreamNames(location: LocationPlan): readonly string[] {
  const { protocol } = location.pass;
  const protocols = protocol === 'auto_http' ? (['http', 'https'] as const) : [protocol];
  return protocols.map((each) => `tidegate_${each}${poolName(location)}`);
}

/** `tidegate_http_7`: the error pages of a host are fetched through it. */
export function errorUpstreams({ errorPages: pages }: HostPlan): readonly string[] {
  if (pages === undefined) return [];
  return [`tidegate_http${poolName({ pass: { protocol: 'http', tlsId: '' }, routeId: pages.poolId })}`];
}
