/**
 * The headers that a backend gets in place of the client's. nginx takes those of a location for all of them: one that has
 * a header of its own repeats the others, which is why the list is a value.
 */
import type { ConfValue } from './conf-value.ts';

export interface UpstreamHeader {
  /** In whatever case; no two of a list differ in that alone. */
  readonly name: string;
  /** An empty one keeps the client's header out. */
  readonly value: ConfValue;
  /** Of proxy alone: gRPC and FastCGI know no such header. */
  readonly proxyOnly?: true;
}

/** What a location has otherwise: a value in the place of the list's, or no such header, the client's neither. */
export type HeaderChange = readonly [name: string, value: ConfValue | 'removed'];
