/** What NGINX has counted about requests in the last minutes. */
import { z } from 'zod';
import { COUNT, TIME } from './parts.ts';

const MS = z.number().min(0).nullable();

export const RATES = z
  .object({
    perSecond: z.number().min(0).describe('requests per second'),
    errorShare: z.number().min(0).max(1).describe('share of the responses with a status from 500 on'),
    refusedShare: z.number().min(0).max(1).describe('share of the responses with a status from 400 to 499'),
    meanMs: MS.describe('mean duration of a request in milliseconds; null if durations are not measured'),
  })
  .meta({ id: 'Rates', description: 'requests in a period of time' });
export type Rates = z.output<typeof RATES>;

const POINT = z.object({
  at: TIME.describe('the end of the period'),
  requests: COUNT.describe('number of requests'),
  errors: COUNT.describe('responses with a status from 500 on'),
  refused: COUNT.describe('responses with a status from 400 to 499'),
  p50Ms: MS.describe('half of the requests took at most this long, estimated from a histogram; null without requests'),
  p95Ms: MS.describe('95 % of the requests took at most this long'),
  p99Ms: MS.describe('99 % of the requests took at most this long'),
});

export const TRAFFIC = z.object({
  counted: z.boolean().describe('whether NGINX counts requests; if not, all lists are empty'),
  stepSeconds: COUNT.describe('length of a period'),
  points: z.array(POINT).describe('the periods of the last ten minutes, oldest first; the last one has not ended'),
  lastMinute: RATES.nullable().describe('all requests of the last minute; null without requests'),
  hosts: z
    .array(
      z.object({
        host: z.string().describe('as written in Ingresses; empty for the catch-all host'),
        rates: RATES.describe('its requests in the last minute'),
      }),
    )
    .describe('the ten hosts with the most requests in the last minute'),
});
export type TrafficAnswer = z.output<typeof TRAFFIC>;
