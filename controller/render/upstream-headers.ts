/** The list of headers for backends, as directives of each module. */
import { type ConfValue, headerName, word } from '../types/conf-value.ts';
import type { UpstreamHeader } from '../types/upstream-headers.ts';

/** A set_header directive: its name, the header's name, the value. */
export interface SetHeader {
  readonly directive: ConfValue;
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** The list as directives of proxy or grpc. */
export function setHeaders(module: 'proxy' | 'grpc', list: readonly UpstreamHeader[]): readonly SetHeader[] {
  return list
    .filter(({ proxyOnly }) => module === 'proxy' || proxyOnly !== true)
    .map(({ name, value }) => ({ directive: word(`${module}_set_header`), name: headerName(name), value }));
}

/** Represents the list in comparisons. */
export function writtenHeaders(list: readonly UpstreamHeader[]): string {
  return list.map(({ name, value }) => `${name} ${value.conf}`).join('\n');
}
