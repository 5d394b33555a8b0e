/** Directives of snippets about headers for the backend. All functions throw Refusal. */
import type { LiveText } from '../../types/live-snippet.ts';
import { splitHeader } from './headers.ts';
import { Refusal, textOf, type TextScope } from './text.ts';

/** A header for the backend; without a text neither ours nor the client's is sent. */
export interface RequestHeader {
  readonly name: string;
  readonly text: LiveText;
}

export const REQUEST_HEADER_NAMES = [
  'grpc_set_header',
  'more_clear_input_headers',
  'more_set_input_headers',
  'proxy_set_header',
] as const;

/** NGINX's own business: it passes upgrades on, keeps connections, and says where a request ends. */
const OF_NGINX = new Set(['connection', 'upgrade', 'keep-alive', 'proxy-connection']);
/** Where a request ends, and how often it came through here, is for NGINX alone to say. */
const REFUSED = new Set(['cdn-loop', 'content-length', 'te', 'trailer', 'transfer-encoding']);

function headerOf(name: string, value: string, scope: TextScope): RequestHeader[] {
  if (!/^[A-Za-z0-9_-]+$/.test(name) || REFUSED.has(name.toLowerCase()))
    throw new Refusal(`names ${JSON.stringify(name)}, which is no header that may be set`);
  if (OF_NGINX.has(name.toLowerCase())) return [];
  return [{ name, text: textOf(value, scope) }];
}

/** Undefined for a directive that is about something else. */
export function requestHeaders(
  name: string,
  args: readonly string[],
  scope: TextScope,
): readonly RequestHeader[] | undefined {
  switch (name) {
    case 'proxy_set_header':
    case 'grpc_set_header': {
      const [header = '', value, more] = args;
      if (value === undefined || more !== undefined) throw new Refusal('takes a name and a value');
      return headerOf(header, value, scope);
    }
    case 'more_set_input_headers':
      if (args.length === 0 || args[0]?.startsWith('-') === true)
        throw new Refusal('takes headers, for example "X-Team: blue", and no options');
      return args.flatMap((each) => headerOf(...splitHeader(each), scope));
    case 'more_clear_input_headers':
      if (args.length === 0 || args.some((each) => !/^[A-Za-z0-9_-]+$/.test(each)))
        throw new Refusal('takes names of headers');
      return args.flatMap((each) => headerOf(each, '', scope));
    default:
      return undefined;
  }
}
