/** Writes the list of headers for backends as directives. */
import { type ConfValue, headerName, word } from '../types/conf-value.ts';
import type { UpstreamHeader } from '../types/upstream-headers.ts';

/** A set_header directive: the name of the directive, the name of the header, and its value. */
export interface SetHeader {
  readonly directive: ConfValue;
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** The list as directives of the proxy or grpc module. */
export function setHeaders(module: 'proxy' | 'grpc', list: readonly UpstreamHeader[]): readonly SetHeader[] {
  return list
    .filter(({ proxyOnly }) => module === 'proxy' || proxyOnly !== true)
    .map(({ name, value }) => ({ directive: word(`${module}_set_header`), name: headerName(name), value }));
}

/** A string that is equal for equal lists. */
export function writtenHeaders(list: readonly UpstreamHeader[]): string {
  return list.map(({ name, value }) => `${name} ${value.conf}`).join('\n');
}
