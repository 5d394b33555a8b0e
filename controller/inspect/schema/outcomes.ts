import { z } from 'zod';
import { COUNT, OBJECT, TIME } from './parts.ts';

const MS = z.number().min(0);

export const OUTCOME = z
  .object({
    at: TIME.describe('when the operation ended'),
    step: z
      .enum(['structure', 'live'])
      .describe('`structure`: nginx.conf or the process of NGINX; `live`: data that needs no reload'),
    kind: z
      .enum(['none', 'live', 'started', 'adopted', 'reload', 'refused', 'failed'])
      .describe('what happened; `refused`: nginx refused the configuration'),
    reasons: z.array(z.string()).describe('what changed; at most five'),
    moreReasons: COUNT.describe('number of reasons beyond those in `reasons`'),
    sinceMs: MS.optional().describe('milliseconds from the change to its effect'),
    ms: MS.optional().describe('milliseconds that the operation took; for a reload, without the test'),
    testMs: MS.optional().describe('milliseconds that `nginx -t` took'),
    generation: COUNT.optional().describe('generation of workers that the reload started'),
    revision: COUNT.optional().describe('revision of the live data'),
    set: COUNT.optional().describe('number of keys of the live data that were written'),
    removed: COUNT.optional().describe('number of keys of the live data that were removed'),
    message: z.string().optional().describe('why the operation was refused or failed'),
    owners: z.array(OBJECT).optional().describe('Ingresses to which the refused line of nginx.conf belongs'),
  })
  .meta({ id: 'Outcome', description: 'the result of an operation on NGINX' });

export type OutcomeItem = z.output<typeof OUTCOME>;

export const OUTCOMES_QUERY = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('maximum number of items in the answer'),
});

export const OUTCOMES = z.object({ items: z.array(OUTCOME).describe('newest first') });
