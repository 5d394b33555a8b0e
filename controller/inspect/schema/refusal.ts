import { z } from 'zod';

/** The body of every answer whose status is not 200. */
export const REFUSED_REQUEST = z.object({
  error: z
    .enum(['query', 'method', 'browser', 'body', 'path', 'unknown', 'starting', 'busy', 'failed'])
    .describe('why, in one word'),
  message: z.string().describe('what is wrong, and what is accepted'),
});
