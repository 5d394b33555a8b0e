/** The faults that tests can inject. A fault affects matching requests until it ends. */
import { z } from 'zod';
import { VERBS } from './route.ts';
import type { Verb } from './route.ts';

/**
 * Selects requests or watches. An omitted field matches all of them. `resource` is a plural name such as `ingresses`.
 */
export const scope = z.strictObject({ verb: z.enum(VERBS).optional(), resource: z.string().optional() });
export type Scope = z.infer<typeof scope>;

/** A fault ends after `times` requests or `ms` milliseconds, whichever comes first, or when all faults are cleared. */
const limits = { ...scope.shape, times: z.number().int().min(1).optional(), ms: z.number().min(0).optional() };

export const fault = z.discriminatedUnion('kind', [
  /** Responds with an HTTP error. `retryAfter`, in seconds, is the value of its Retry-After header. */
  z.strictObject({
    kind: z.literal('status'),
    code: z.number().int(),
    retryAfter: z.number().int().optional(),
    ...limits,
  }),
  /** Responds with 403 unless the request selects a single name, as for a role with resourceNames. */
  z.strictObject({ kind: z.literal('names-only'), ...limits }),
  /** Delays the response by this many milliseconds. */
  z.strictObject({ kind: z.literal('delay'), delay: z.number().min(0), ...limits }),
  /** Never responds. A watch receives the headers of its response, and no events. */
  z.strictObject({ kind: z.literal('hang'), ...limits }),
  /** Cuts the connection instead of responding. */
  z.strictObject({ kind: z.literal('cut'), ...limits }),
  /**
   * Tells a watch that its resourceVersion is too old: in an event, as the real server does, or with the HTTP status.
   */
  z.strictObject({ kind: z.literal('gone'), as: z.enum(['event', 'status']).default('event'), ...limits }),
  /** Sends half of the line of a watch's next event, and cuts the connection. */
  z.strictObject({ kind: z.literal('truncate'), ...limits }),
]);
export type Fault = z.input<typeof fault>;
type ActiveFault = z.infer<typeof fault>;

export interface Faults {
  add(given: Fault): void;
  clear(): void;
  /** The first fault of this kind that matches the request; counts the request against the fault's `times`. */
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
