/** The list of headers for backends, in the words of each module. */
import { type ConfValue, headerName, literal, word } from '../types/conf-value.ts';
import type { HeaderChange, UpstreamHeader } from '../types/upstream-headers.ts';

/** A set_header directive: its name, that of the header, the value. */
interface SetHeader {
  readonly directive: ConfValue;
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** The whole list of a location: every header once, in its place whoever changed it, new ones at the end. */
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

/** The same list as directives of proxy or grpc. */
export function setHeaders(module: 'proxy' | 'grpc', list: readonly UpstreamHeader[]): readonly SetHeader[] {
  return list
    .filter(({ proxyOnly }) => module === 'proxy' || proxyOnly !== true)
    .map(({ name, value }) => ({ directive: word(`${module}_set_header`), name: headerName(name), value }));
}

/** Stands for the list where it is to be compared. */
export function writtenHeaders(list: readonly UpstreamHeader[]): string {
  return list.map(({ name, value }) => `${name} ${value.conf}`).join('\n');
}
