/** Compiles directives for request headers that are sent to the backend. All functions throw SnippetRefusal. */
import type { LiveText } from '../../../types/live-snippet.ts';
import { notOneWord } from '../../../types/conf-word.ts';
import { shorten } from '../../../types/problem.ts';
import { LONGEST_TABLED_HEADER } from '../header-names.ts';
import { splitHeader } from './headers.ts';
import { SnippetRefusal, textOf, type TextScope } from './text.ts';

/** A request header for the backend. If its text is empty, the header is removed. */
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

/** Directives for these headers are ignored: NGINX sets the headers itself, for upgrades and for its connections. */
const OF_NGINX = new Set(['connection', 'upgrade', 'keep-alive', 'proxy-connection']);
/**
 * Directives for these headers are refused: the headers delimit the body of a request, or are needed to detect loops.
 */
const REFUSED = new Set(['cdn-loop', 'content-length', 'te', 'trailer', 'transfer-encoding']);

function headerOf(name: string, value: string, scope: TextScope): RequestHeader[] {
  checkName(name);
  if (REFUSED.has(name.toLowerCase()))
    throw new SnippetRefusal(`names ${JSON.stringify(name)}, which is not a header that may be set`);
  if (OF_NGINX.has(name.toLowerCase())) return [];
  const text = textOf(value, scope);
  const tooLong = notOneWord(text.map(asWritten).join(''));
  if (tooLong !== undefined) throw new SnippetRefusal(`has a value for ${name} that ${tooLong}`);
  return [{ name, text }];
}

/**
 * A string with the length that a part of a value has in nginx.conf, where variables are in braces and the snippet's
 * own variables are renamed.
 */
function asWritten(piece: string): string {
  return piece.startsWith('$') ? `${piece}{}`.padEnd('${tidegate_own_99}'.length) : piece;
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= LONGEST_TABLED_HEADER) return;
  throw new SnippetRefusal(
    `names ${shorten(name)}, which is not a header name of at most ${LONGEST_TABLED_HEADER} characters`,
  );
}

/**
 * The request headers that a directive sets or removes; undefined for directives that are not about request headers.
 */
export function requestHeaders(
  name: string,
  args: readonly string[],
  scope: TextScope,
): readonly RequestHeader[] | undefined {
  switch (name) {
    case 'proxy_set_header':
    case 'grpc_set_header': {
      const [header = '', value, more] = args;
      if (value === undefined || more !== undefined) throw new SnippetRefusal('takes a name and a value');
      return headerOf(header, value, scope);
    }
    case 'more_set_input_headers':
      if (args.length === 0 || args[0]?.startsWith('-') === true)
        throw new SnippetRefusal('takes headers, for example "X-Team: blue", and no options');
      return args.flatMap((each) => headerOf(...splitHeader(each), scope));
    case 'more_clear_input_headers':
      if (args.length === 0) throw new SnippetRefusal('takes names of headers');
      return args.flatMap((each) => headerOf(each, '', scope));
    default:
      return undefined;
  }
}
