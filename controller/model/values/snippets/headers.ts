/** Compiles directives for response headers to operations for Lua. All functions throw SnippetRefusal. */
import type { LiveHeader } from '../../../types/live-snippet.ts';
import { isResponseHeader } from '../header-names.ts';
import { SnippetRefusal, textOf, type TextScope } from './text.ts';

/** Statuses to which nginx's add_header applies without `always`. */
const USUAL = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

export const HEADER_NAMES = ['add_header', 'more_clear_headers', 'more_set_headers', 'proxy_hide_header'] as const;

/** Maximum time: a hundred years. The keyword `max` of nginx stands for ten years. */
const MOST_SECONDS = 3_153_600_000;
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  M: 2_592_000,
  y: 31_536_000,
};

/** Headers that `expires` sets, as in ngx_http_set_expires in ngx_http_headers_filter_module.c. */
export function expiresHeaders(args: readonly string[]): LiveHeader[] {
  const [text = '', more] = args;
  if (more !== undefined)
    throw new SnippetRefusal('takes only one value here: a time, epoch, max or off, for example 1h');
  const set = (name: string, value: Pick<LiveHeader, 'text' | 'after'>): LiveHeader => {
    return { op: 'set', name, ...value, statuses: USUAL };
  };
  const both = (expires: Pick<LiveHeader, 'text' | 'after'>, control: string) => [
    set('Expires', expires),
    set('Cache-Control', { text: [control] }),
  ];
  if (text === 'off') return [];
  if (text === 'epoch') return both({ text: ['Thu, 01 Jan 1970 00:00:01 GMT'] }, 'no-cache');
  if (text === 'max') return both({ text: ['Thu, 31 Dec 2037 23:55:55 GMT'] }, 'max-age=315360000');
  const [, sign = '', digits = '', unit = ''] = /^([+-]?)(\d{1,9})([smhdMy]?)$/.exec(text) ?? [];
  const seconds = Number(digits) * (SECONDS[unit] ?? 1);
  if (digits === '' || seconds > MOST_SECONDS)
    throw new SnippetRefusal('takes a time, epoch, max or off, for example 1h');
  const after = sign === '-' ? -seconds : seconds;
  return both({ after }, after < 0 ? 'no-cache' : `max-age=${after}`);
}

function checkedName(name: string): string {
  if (!isResponseHeader(name))
    throw new SnippetRefusal(`names ${JSON.stringify(name)}, which is not a header that may be set`);
  return name;
}

function addHeader(args: readonly string[], scope: TextScope): LiveHeader[] {
  const [name = '', value, always, more] = args;
  if (value === undefined || more !== undefined || (always !== undefined && always !== 'always'))
    throw new SnippetRefusal("takes a name, a value and optionally 'always'");
  const text = textOf(value, scope);
  if (text.length === 0) return [];
  return [{ op: 'add', name: checkedName(name), text, ...(always === undefined && { statuses: USUAL }) }];
}

/** Splits the option `-s '404 500'` from the other arguments. */
function statusesOf(args: readonly string[]): {
  readonly statuses?: readonly number[];
  readonly rest: readonly string[];
} {
  const [flag = '', list = '', ...rest] = args;
  if (!flag.startsWith('-')) return { rest: args };
  const statuses = [...new Set(list.trim().split(/\s+/).map(Number))];
  if (flag !== '-s' || statuses.some((each) => !Number.isInteger(each) || each < 100 || each > 599))
    throw new SnippetRefusal("takes -s and statuses, for example -s '404 500', and no other option");
  return { statuses, rest };
}

/** Splits `Name: value`; the value is empty if there is no colon. */
export function splitHeader(text: string): readonly [name: string, value: string] {
  const at = text.indexOf(':');
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function setHeaders(args: readonly string[], scope: TextScope): LiveHeader[] {
  const { rest, ...statuses } = statusesOf(args);
  if (rest.length === 0) throw new SnippetRefusal('takes headers, for example "X-Frame-Options: DENY"');
  return rest.map((each) => {
    const [name, value] = splitHeader(each);
    const text = textOf(value, scope);
    return { op: 'set', name: checkedName(name), ...(text.length > 0 && { text }), ...statuses };
  });
}

function clearHeaders(args: readonly string[]): LiveHeader[] {
  const { rest, ...statuses } = statusesOf(args);
  if (rest.length === 0) throw new SnippetRefusal('takes names of headers');
  return rest.map((name) => {
    checkedName(name.replace(/\*$/, ''));
    return { op: 'clear', name, ...statuses };
  });
}

/** The operations of a directive on response headers; undefined for directives that are not about response headers. */
export function responseHeaders(
  name: string,
  args: readonly string[],
  scope: TextScope,
): readonly LiveHeader[] | undefined {
  switch (name) {
    case 'add_header':
      return addHeader(args, scope);
    case 'more_set_headers':
      return setHeaders(args, scope);
    case 'more_clear_headers':
      return clearHeaders(args);
    case 'proxy_hide_header': {
      if (args.length !== 1) throw new SnippetRefusal('takes the name of a header');
      return clearHeaders(args);
    }
    default:
      return undefined;
  }
}
