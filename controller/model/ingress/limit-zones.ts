/** Zones in which NGINX counts the clients of an Ingress's rate and connection limits. */
import type { Paths } from './cost.ts';

export const NO_ZONES: ReadonlySet<string> = new Set();

/** Keys of the zones that an Ingress uses. */
export function limitZonesOf({ hosts, defaultBackend }: Pick<Paths, 'hosts' | 'defaultBackend'>): ReadonlySet<string> {
  const zones = new Set<string>();
  const fallback = defaultBackend === undefined ? [] : [defaultBackend.settings];
  for (const { declarations = [] } of [...[...hosts.values()].flat().map(({ settings }) => settings), ...fallback])
    for (const { key, lines } of declarations)
      if (lines.some(({ name }) => name === 'limit_req_zone' || name === 'limit_conn_zone')) zones.add(key);
  return zones.size === 0 ? NO_ZONES : zones;
}
