/**
 * The headers that a backend gets in place of the client's. nginx takes those of a location for all of them: one that has
 * a header of its own repeats the others, which is why the list is a value.
 */
import { type ConfValue, literal } from './conf-value.ts';

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

/** A whole list: every header once, in its place whoever changed it, new ones at the end. */
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
