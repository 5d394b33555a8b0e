/**
 * The names of upstreams to which locations pass requests. An upstream contains no endpoints; the balancer chooses an
 * endpoint for each request.
 */
import type { HostPlan, LocationPlan } from '../types/plan.ts';

/**
 * Locations with the same protocol and TLS settings are distributed over this many upstreams. To reuse an idle
 * connection to an endpoint, NGINX searches all idle connections of the upstream, and it keeps only a limited number.
 * In a single upstream, connections to thousands of endpoints would evict each other.
 */
const POOLS = 64;
const poolNames = new Map<string, string>();

/**
 * `_0123456789abcdef_7`: the end of an upstream's name, after the protocol. It consists of the hash of the TLS
 * settings, if there are any, and a number below POOLS.
 */
export function poolName({ pass, routeId }: Pick<LocationPlan, 'pass' | 'routeId'>): string {
  const pool = Number.parseInt(routeId.slice(-2), 16) % POOLS;
  const name = `${pass.tlsId === '' ? '' : `_${pass.tlsId}`}_${pool}`;
  if (pass.tlsId !== '') return name;
  // Thousands of locations share a few names, so each name is in memory only once.
  const known = poolNames.get(name) ?? name;
  poolNames.set(name, known);
  return known;
}

/** `tidegate_https_0123456789abcdef_7`; two names if the protocol depends on the client. */
export function upstreamNames(location: LocationPlan): readonly string[] {
  const { protocol } = location.pass;
  const protocols = protocol === 'auto_http' ? (['http', 'https'] as const) : [protocol];
  return protocols.map((each) => `tidegate_${each}${poolName(location)}`);
}

/**
 * `tidegate_http_7`: the upstream through which error pages of a host are fetched; empty if the host has no error
 * pages.
 */
export function errorUpstreams({ errorPages: pages }: HostPlan): readonly string[] {
  if (pages === undefined) return [];
  return [`tidegate_http${poolName({ pass: { protocol: 'http', tlsId: '' }, routeId: pages.poolId })}`];
}
