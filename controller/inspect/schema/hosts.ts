import { z } from 'zod';
import { COUNT, pageOf, PAGE_RANGE, NAMESPACE_FILTER, SEARCH_FILTER } from './parts.ts';
import { RATES } from './traffic.ts';

const HOST = z
  .object({
    host: z.string().describe('as written in Ingresses; empty for the catch-all host'),
    names: z.array(z.string()).describe('server names in nginx.conf; patterns begin with `~`. At most 20'),
    moreNames: COUNT.describe('number of server names beyond those in `names`'),
    ingresses: z.array(z.string()).describe('namespace/name of the Ingresses of the host, oldest first. At most 20'),
    moreIngresses: COUNT.describe('number of Ingresses beyond those in `ingresses`'),
    paths: COUNT.describe('number of locations in nginx.conf, without those that NGINX uses internally'),
    endpoints: COUNT.describe('number of endpoints of the backends of these paths'),
    withoutEndpoints: COUNT.describe('number of paths whose backend has no endpoints'),
    denied: COUNT.describe('number of paths on which every request is denied'),
    errors: COUNT.describe('Problems with severity `error` of these Ingresses'),
    warnings: COUNT.describe('Problems with severity `warning` of these Ingresses'),
    traffic: RATES.nullable().describe(
      'requests of the last minute; null if there were none, or if they are not counted',
    ),
  })
  .meta({ id: 'Host', description: 'a server block of nginx.conf' });

export type HostItem = z.output<typeof HOST>;

export const HOSTS_QUERY = z.strictObject({
  search: SEARCH_FILTER,
  namespace: NAMESPACE_FILTER,
  ...PAGE_RANGE,
});
export type HostsQuery = z.output<typeof HOSTS_QUERY>;

export const HOSTS = pageOf(HOST);
