/** The list of headers for backends, in the words of each module. */
import { type ConfValue, headerName, word } from '../types/conf-value.ts';
import type { UpstreamHeader } from '../types/upstream-headers.ts';

/** A set_header directive: its name, that of the header, the value. */
export interface SetHeader {
  readonly directive: ConfValue;
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** A list as directives of proxy or grpc. */
export function setHeaders(module: 'proxy' | 'grpc', list: readonly UpstreamHeader[]): readonly SetHeader[] {
  return list
    .filter(({ proxyOnly }) => module === 'proxy' || proxyOnly !== true)
    .map(({ name, value }) => ({ directive: word(`${module}_set_header`), name: headerName(name), value }));
}

/** Stands for the list where it is to be compared. */
export function writtenHeaders(list: readonly UpstreamHeader[]): string {
  return list.map(({ name, value }) => `${name} ${value.conf}`).join('\n');
}
