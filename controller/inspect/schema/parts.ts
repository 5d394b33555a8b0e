/** Parts that several answers of the inspection API contain. */
import { z } from 'zod';

export const TIME = z.iso.datetime().describe('time in UTC, in ISO 8601');

export const COUNT = z.number().int().min(0);

export const OBJECT = z
  .object({
    kind: z.string().describe('such as `Ingress`'),
    namespace: z.string().describe('empty for kinds without namespaces'),
    name: z.string().describe('name of the object'),
  })
  .meta({ id: 'Object', description: 'a Kubernetes object' });

export const SERVICE_PORT = z
  .object({
    namespace: z.string().describe('empty for a target outside the cluster'),
    service: z.string().describe('name of the Service, or the DNS name or address of a target outside the cluster'),
    port: z.union([z.number(), z.string()]).describe('as written in the Ingress: a number or a name'),
    viaService: z.boolean().describe('whether requests go to the address of the Service instead of its endpoints'),
  })
  .meta({ id: 'ServicePort', description: 'a Service port, or a target outside the cluster' });

/** Maximum number of items in one answer. */
export const MOST_ITEMS = 2000;

const NAME = z.string().max(253);

/** A colon only occurs in an IPv6 address, which is in brackets. */
const NAME_OF_HOST = /^(?:\[[0-9A-Fa-f:.]*\]|[^\s/:@?#[\]]*)$/;

/** The name of a host. Other parts of a URL are rejected, because with one of them the name would match no host. */
export const HOST_TEXT = NAME.regex(NAME_OF_HOST, {
  error: ({ input }) =>
    `host: ${JSON.stringify(input)} is not the name of a host: leave out scheme, port and path; for example shop.example.com`,
});

export const HOST_FILTER = HOST_TEXT.optional().describe(
  'only what belongs to the host that serves this name; NGINX chooses the host as for a request',
);
export const NAMESPACE_FILTER = NAME.optional().describe('only what belongs to objects of this namespace');

export const SEARCH_FILTER = z
  .string()
  .max(253)
  .optional()
  .describe('only items in whose names this text occurs, in lower or upper case');

const LIMIT = z.coerce
  .number()
  .int()
  .min(1)
  .max(MOST_ITEMS)
  .default(500)
  .describe('maximum number of items in the answer');
const OFFSET = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .describe('how many items to skip: `next` of the previous page');

/** Which part of a list is wanted. */
export const PAGE_RANGE = { limit: LIMIT, offset: OFFSET };

export const PAGE_QUERY = z.strictObject({ host: HOST_FILTER, namespace: NAMESPACE_FILTER, ...PAGE_RANGE });
export type PageQuery = z.output<typeof PAGE_QUERY>;

/** A page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    total: COUNT.describe('number of items that the filters select'),
    next: COUNT.nullable().describe('`offset` of the next page; null at the end'),
    items: z.array(item).describe('the items of the page'),
  });
}
