/** Reads the query of a request, with messages that name the parameter. */
import { z } from 'zod';
import { ENDPOINTS, type EndpointName, type QueryOf } from '../schema/endpoints.ts';

export type ReadQuery<N extends EndpointName> =
  { readonly ok: true; readonly query: QueryOf<N> } | { readonly ok: false; readonly message: string };

export function readQuery<N extends EndpointName>(name: N, given: URLSearchParams): ReadQuery<N> {
  const schema = ENDPOINTS[name].query;
  const accepted = Object.keys(schema.shape);
  for (const parameter of given.keys()) {
    if (!accepted.includes(parameter)) {
      const known = accepted.length === 0 ? 'there are no parameters' : `accepted: ${accepted.join(', ')}`;
      return { ok: false, message: `${JSON.stringify(parameter)} is not a parameter of ${name}; ${known}` };
    }
    if (given.getAll(parameter).length > 1) return { ok: false, message: `${parameter} is given more than once` };
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  // The schema belongs to this endpoint, but the compiler cannot derive that for a union of endpoints.
  if (parsed.success) return { ok: true, query: parsed.data as QueryOf<N> };
  return { ok: false, message: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
}
