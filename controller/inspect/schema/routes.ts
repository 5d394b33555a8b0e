import { z } from 'zod';
import { SERVICE_PORT, COUNT, pageOf } from './parts.ts';

const CANARY = z.object({
  backend: SERVICE_PORT.describe('where its requests go'),
  weight: COUNT.describe('how many of `total` requests the canary gets, if neither a header nor a cookie decides'),
  total: COUNT.describe('see `weight`'),
  header: z.string().nullable().describe('name of the header that decides'),
  cookie: z.string().nullable().describe('name of the cookie that decides'),
});

export const ROUTE = z
  .object({
    host: z.string().describe('as written in the Ingress; empty for the catch-all host'),
    path: z.string().describe('as written in the Ingress'),
    match: z.enum(['exact', 'prefix', 'regex']).describe('how NGINX compares the path'),
    pattern: z.string().describe('the path or regular expression in nginx.conf'),
    ingress: z.string().nullable().describe('namespace/name; null for the built-in route'),
    answer: z
      .enum(['backend', 'redirect', 'deny', 'not-found'])
      .describe('what requests get: a backend, a redirect, an error status, or the built-in 404'),
    backend: SERVICE_PORT.nullable().describe('null if requests do not go to a backend'),
    status: COUNT.nullable().describe('status of the redirect or of the error'),
    closedBy: z.string().nullable().describe('why every request is denied, as in the access log; null otherwise'),
    redirect: z.string().nullable().describe('where the redirect leads'),
    fallback: SERVICE_PORT.nullable().describe('backend that answers while `backend` has no endpoints'),
    canaries: z.array(CANARY).describe('alternatives to the backend, oldest first'),
    tlsRedirect: z
      .enum(['never', 'always', 'named'])
      .describe('which requests over plain HTTP are redirected to HTTPS'),
    id: z.string().describe('key of the route in the live data, without its `r:`'),
  })
  .meta({ id: 'Route', description: 'a location of nginx.conf with its route' });

export type RouteItem = z.output<typeof ROUTE>;
export const ROUTES = pageOf(ROUTE);
