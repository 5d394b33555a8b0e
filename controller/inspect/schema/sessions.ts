/** What NGINX has counted about TCP and UDP services, and about hosts whose TLS is passed through. */
import { z } from 'zod';
import { COUNT, NAMESPACE_FILTER, PAGE_RANGE, pageOf } from './parts.ts';

const SESSIONS_ITEM = z
  .object({
    protocol: z.enum(['TCP', 'UDP', 'TLS']).describe('`TLS`: TLS passthrough'),
    port: z.string().describe('the port on which clients connect'),
    namespace: z.string().describe('namespace of the Service'),
    service: z.string().describe('name of the Service'),
    servicePort: z.string().describe('port of the Service: a number or a name'),
    ingress: z.string().describe('for TLS passthrough, the name of the Ingress with the path `/`; otherwise empty'),
    host: z.string().describe('for TLS passthrough, the host or alias as in the Ingress; otherwise empty'),
    statuses: z
      .record(z.string(), COUNT)
      .describe("sessions that have ended, by NGINX's `$status`; `200` for those that ended normally"),
    receivedBytes: COUNT.describe('bytes received from clients'),
    sentBytes: COUNT.describe('bytes sent to clients'),
    seconds: z.number().min(0).describe('sum of the durations'),
    retries: COUNT.describe('attempts to reach another endpoint after one has failed'),
  })
  .meta({
    id: 'Sessions',
    description: 'the connections or UDP sessions of one entry that have ended since the controller started',
  });
export type SessionsItem = z.output<typeof SESSIONS_ITEM>;

export const SESSIONS_QUERY = z.strictObject({ namespace: NAMESPACE_FILTER, ...PAGE_RANGE });

export const SESSIONS = pageOf(SESSIONS_ITEM).extend({
  counted: z.boolean().describe('whether NGINX counts sessions; if not, the list is empty'),
});
