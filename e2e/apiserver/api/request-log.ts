/** The clients' requests, for assertions. */
import type { Verb } from './route.ts';

export interface LoggedRequest {
  /** `performance.now()` when it arrived. */
  readonly at: number;
  readonly verb: Verb | 'other';
  /** Plural, `ingresses`; the path for `other`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly agent: string;
  /** The part after `TOKEN:` in its credentials; empty if there is none. */
  readonly user: string;
  /** Body of a write as it was received. */
  readonly body: string;
  /** HTTP status of the response; 0 while there is none, or if the connection was cut. */
  readonly code: number;
}

/** Which requests are counted: every given field must be equal. */
export type LogFilter = Partial<
  Pick<LoggedRequest, 'verb' | 'resource' | 'namespace' | 'name' | 'subresource' | 'user' | 'code'>
>;

export interface RequestLog {
  readonly entries: readonly LoggedRequest[];
  find(filter: LogFilter): readonly LoggedRequest[];
  count(filter: LogFilter): number;
  /** `list ingresses` → 3, `patch ingresses/status` → 1. */
  counts(): Readonly<Record<string, number>>;
  clear(): void;
}

/** The log, and the function by which the server writes it; `entries` keeps the last `limit` requests. */
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
