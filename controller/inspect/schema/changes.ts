import { z } from 'zod';
import { OUTCOME } from './outcomes.ts';
import { COUNT, TIME } from './parts.ts';
import { PROBLEM } from './problems.ts';

/** One event of `/v1/changes`. */
export const CHANGE = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('hello'), at: TIME.describe('when the stream began') })
    .describe('the first event: later changes follow'),
  z
    .object({ type: z.literal('outcome'), outcome: OUTCOME.describe('the Outcome') })
    .describe('a change was applied to NGINX, or failed'),
  z
    .object({ type: z.literal('problem'), problem: PROBLEM.describe('the Problem') })
    .describe('a Problem appeared, or was solved'),
  z
    .object({
      type: z.literal('more'),
      at: TIME.describe('when the Problems were compared'),
      appeared: COUNT.describe('how many more Problems appeared'),
      solved: COUNT.describe('how many more Problems were solved'),
    })
    .describe('more Problems changed at the same time; `/v1/problems` lists them'),
]);
export type ChangeEvent = z.output<typeof CHANGE>;
