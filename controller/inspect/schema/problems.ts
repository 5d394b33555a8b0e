import { z } from 'zod';
import { COUNT, OBJECT, PAGE_QUERY, pageOf, SEARCH_FILTER, TIME } from './parts.ts';

export const PROBLEM = z
  .object({
    severity: z
      .enum(['error', 'warning', 'notice'])
      .describe('`error`: something that was requested is not served; `warning`: it is served, but not as written'),
    code: z.string().describe('name of the check that found it'),
    effect: z.string().describe('effect on traffic, such as `denied-location`'),
    object: OBJECT.optional().describe('the object that it is about'),
    field: z.string().optional().describe('path of the field inside the object'),
    value: z.string().optional().describe('the invalid value, shortened; never a secret'),
    example: z.string().optional().describe('a valid value'),
    message: z.string().describe('what is wrong'),
    text: z.string().describe('object, field, message and example in one line, as in the log'),
    place: z
      .object({
        file: z.string().describe('path of the manifest'),
        line: COUNT.describe('counted from 1'),
        column: COUNT.describe('counted from 1'),
      })
      .optional()
      .describe('position in a manifest, for `tidegate up`'),
    since: TIME.describe('when this controller process first found it'),
    solved: TIME.nullable().describe('when it was solved; null while it exists'),
  })
  .meta({ id: 'Problem', description: 'something that is wrong with an object' });

export type ProblemItem = z.output<typeof PROBLEM>;

export const PROBLEMS_QUERY = PAGE_QUERY.extend({
  search: SEARCH_FILTER.describe(
    'only Problems in whose object, field or message this text occurs, in lower or upper case',
  ),
  state: z
    .enum(['open', 'solved'])
    .default('open')
    .describe('`open`: current Problems, by severity; `solved`: those solved in the last 24 hours, newest first'),
});
export type ProblemsQuery = z.output<typeof PROBLEMS_QUERY>;

export const PROBLEMS = pageOf(PROBLEM);
