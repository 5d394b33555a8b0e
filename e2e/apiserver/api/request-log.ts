/** A log of the clients' requests, for assertions. */
import type { Verb } from './route.ts';

export interface LoggedRequest {
  /** The value of `performance.now()` when the request arrived. */
  readonly at: number;
  readonly verb: Verb | 'other';
  /** The plural name of the resource, such as `ingresses`; for the verb `other`, the path. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly agent: string;
  /** The user in the credentials `TOKEN:USER`; empty if the credentials have no user. */
  readonly user: string;
  /** The body as it was received. */
  readonly body: string;
  /** The HTTP status of the response; 0 until its headers are sent, or if the connection was cut. */
  readonly code: number;
}

/** Selects requests in which every given field has the given value. */
export type LogFilter = Partial<
  Pick<LoggedRequest, 'verb' | 'resource' | 'namespace' | 'name' | 'subresource' | 'user' | 'code'>
>;

export interface RequestLog {
  readonly entries: readonly LoggedRequest[];
  find(filter: LogFilter): readonly LoggedRequest[];
  count(filter: LogFilter): number;
  /**
   * The number of requests of each verb and resource, for example `list ingresses` → 3, `patch ingresses/status` → 1.
   */
  counts(): Readonly<Record<string, number>>;
  clear(): void;
}

/** Returns the log, which contains at most the last `limit` requests, and the function that adds a request to it. */
export function createRequestLog(limit: number): { log: RequestLog; add: (entry: LoggedRequest) => void } {
  const entries: LoggedRequest[] = [];
  function find(filter: LogFilter): readonly LoggedRequest[] {
    const wanted = Object.entries(filter) as [keyof LogFilter, unknown][];
    return entries.filter((entry) => wanted.every(([field, value]) => entry[field] === value));
  }
  const log: RequestLog = {
    entries,
    find,
    count: (filter) => find(filter).length,
    counts() {
      const counts: Record<string, number> = {};
      for (const { verb, resource, subresource } of entries) {
        const title = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
        counts[title] = (counts[title] ?? 0) + 1;
      }
      return counts;
    },
    clear: () => void entries.splice(0),
  };
  function add(entry: LoggedRequest): void {
    entries.push(entry);
    if (entries.length > limit) entries.splice(0, Math.ceil(limit / 2));
  }
  return { log, add };
}
