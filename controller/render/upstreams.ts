/** Upstreams by name: which of them a location passes to. They hold no endpoints, which the balancer chooses. */
import type { HostPlan, LocationPlan } from '../types/plan.ts';

/**
 * Locations are spread over so many upstreams of the same kind. NGINX walks through all idle connections of an upstream
 * for one to the endpoint it wants, and keeps only so many: in a single one thousands of endpoints push each other out.
 */
const POOLS = 64;
const poolNames = new Map<string, string>();

/** `_0123456789abcdef_7`: behind the protocol, its own for each set of TLS settings, in POOLS parts. */
export function poolName({ pass, routeId }: Pick<LocationPlan, 'pass' | 'routeId'>): string {
  const pool = Number.parseInt(routeId.slice(-2), 16) % POOLS;
  const name = `${pass.tlsId === '' ? '' : `_${pass.tlsId}`}_${pool}`;
  if (pass.tlsId !== '') return name;
  // A few names of many thousand locations, each of them once in memory.
  const known = poolNames.get(name) ?? name;
  poolNames.set(name, known);
  return known;
}

/** `tidegate_https_0123456789abcdef_7`; two of them where the client decides. */
export function upstreamNames(location: LocationPlan): readonly string[] {
  const { protocol } = location.pass;
  const protocols = protocol === 'auto_http' ? (['http', 'https'] as const) : [protocol];
  return protocols.map((each) => `tidegate_${each}${poolName(location)}`);
}

/** `tidegate_http_7`: where the error pages of a host are fetched through. */
export function errorUpstreams({ errorPages: pages }: HostPlan): readonly string[] {
  if (pages === undefined) return [];
  return [`tidegate_http${poolName({ pass: { protocol: 'http', tlsId: '' }, routeId: pages.poolId })}`];
}
