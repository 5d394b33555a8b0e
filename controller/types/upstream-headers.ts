/**
 * The headers that a backend gets in place of the client's. nginx replaces the inherited list with a location's own: a
 * location that changes one header repeats the others, which is why the list is a value.
 */
import { type ConfValue, literal } from './conf-value.ts';

export interface UpstreamHeader {
  /** Case-insensitive: no two names of a list differ only in case. */
  readonly name: string;
  /** An empty one suppresses the client's header. */
  readonly value: ConfValue;
  /** Only for proxy: gRPC and FastCGI have no such header. */
  readonly proxyOnly?: true;
}

/** How a location differs: a value that replaces the list's, or no such header, not even the client's. */
export type HeaderChange = readonly [name: string, value: ConfValue | 'removed'];

/** A whole list: every header once, changes in place, new ones at the end. */
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
