/**
 * The headers that a backend gets instead of the client's headers of the same names. In nginx, a location with headers
 * of its own inherits none, so a location that changes one header must repeat all others. That is why the complete list
 * is one value.
 */
import { type ConfValue, literal } from './conf-value.ts';

export interface UpstreamHeader {
  /** No two names in a list differ only in case. */
  readonly name: string;
  /** With an empty value, the backend gets no such header, not even the client's. */
  readonly value: ConfValue;
  /** Whether only HTTP backends get the header: gRPC and FastCGI have no such header. */
  readonly proxyOnly?: true;
}

/**
 * A change to a list: a new value for a header, or `removed`, so that the backend does not even get the client's
 * header.
 */
export type HeaderChange = readonly [name: string, value: ConfValue | 'removed'];

/** The complete list after changes: changed headers stay where they are, and new ones are added at the end. */
export function withChanges(
  list: readonly UpstreamHeader[],
  changes: readonly HeaderChange[],
): readonly UpstreamHeader[] {
  const left = new Map(changes.map((change) => [change[0].toLowerCase(), change]));
  const valueOf = (value: HeaderChange[1]) => (value === 'removed' ? literal('') : value);
  const kept = list.map((header) => {
    const change = left.get(header.name.toLowerCase());
    left.delete(header.name.toLowerCase());
    return change === undefined ? header : { ...header, value: valueOf(change[1]) };
  });
  return [...kept, ...[...left.values()].map(([name, value]) => ({ name, value: valueOf(value) }))];
}
