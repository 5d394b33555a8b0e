/** Failures on command. A fault waits for matching requests. */
import { z } from 'zod';
import { VERBS } from './route.ts';
import type { Verb } from './route.ts';

/** Which requests or watches match; an omitted field matches all of them. `resource` is the plural. */
export const scope = z.strictObject({ verb: z.enum(VERBS).optional(), resource: z.string().optional() });
export type Scope = z.infer<typeof scope>;

/** Ends after this many requests or milliseconds, whichever comes first; with neither, when faults are cleared. */
const limits = { ...scope.shape, times: z.number().int().min(1).optional(), ms: z.number().min(0).optional() };

export const fault = z.discriminatedUnion('kind', [
  /** An HTTP error; `retryAfter` in seconds becomes the Retry-After header. */
  z.strictObject({
    kind: z.literal('status'),
    code: z.number().int(),
    retryAfter: z.number().int().optional(),
    ...limits,
  }),
  /** Answers this many milliseconds late. */
  z.strictObject({ kind: z.literal('delay'), delay: z.number().min(0), ...limits }),
  /** Never answers; a watch gets its headers and then nothing. */
  z.strictObject({ kind: z.literal('hang'), ...limits }),
  /** Cuts the connection instead of answering. */
  z.strictObject({ kind: z.literal('cut'), ...limits }),
  /** A watch is told that its resourceVersion is too old: as an event (as a real server does), or as HTTP status. */
  z.strictObject({ kind: z.literal('gone'), as: z.enum(['event', 'status']).default('event'), ...limits }),
  /** The next event of a watch is half a line, and the connection is cut. */
  z.strictObject({ kind: z.literal('truncate'), ...limits }),
]);
export type Fault = z.input<typeof fault>;
type ActiveFault = z.infer<typeof fault>;

export interface Faults {
  add(given: Fault): void;
  clear(): void;
  /** The first fault of this kind that matches this request; counts it as used. */
  take<K extends ActiveFault['kind']>(
    kind: K,
    verb: Verb,
    resource: string,
  ): Extract<ActiveFault, { kind: K }> | undefined;
}

interface Waiting {
  readonly fault: ActiveFault;
  readonly end: number;
  left: number;
}

export function createFaults(): Faults {
  let waiting: Waiting[] = [];
  return {
    add(given) {
      const parsed = fault.parse(given);
      const end = performance.now() + (parsed.ms ?? Number.POSITIVE_INFINITY);
      waiting.push({ fault: parsed, end, left: parsed.times ?? Number.POSITIVE_INFINITY });
    },
    clear: () => void (waiting = []),
    take<K extends ActiveFault['kind']>(kind: K, verb: Verb, resource: string) {
      waiting = waiting.filter(({ end, left }) => left > 0 && end > performance.now());
      for (const one of waiting) {
        const { fault: found } = one;
        if (found.kind !== kind || (found.verb ?? verb) !== verb || (found.resource ?? resource) !== resource) continue;
        one.left -= 1;
        return found as Extract<ActiveFault, { kind: K }>;
      }
      return undefined;
    },
  };
}
