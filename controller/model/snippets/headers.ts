/** Directives of snippets about headers of answers → what Lua does with them. All functions throw Refusal. */
import type { LiveHeader } from '../../types/live-snippet.ts';
import { isResponseHeader } from '../values/header-names.ts';
import { Refusal, textOf, type TextScope } from './text.ts';

/** Statuses that nginx's add_header is for unless it says `always`. */
const USUAL = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

export const HEADER_NAMES = ['add_header', 'more_clear_headers', 'more_set_headers', 'proxy_hide_header'] as const;

function checkedName(name: string): string {
  if (!isResponseHeader(name)) throw new Refusal(`names ${JSON.stringify(name)}, which is no header that may be set`);
  return name;
}

function addHeader(args: readonly string[], scope: TextScope): LiveHeader[] {
  const [name = '', value, always, more] = args;
  if (value === undefined || more !== undefined || (always !== undefined && always !== 'always'))
    throw new Refusal('takes a name, a value and always or nothing');
  const text = textOf(value, scope);
  if (text.length === 0) return [];
  return [{ op: 'add', name: checkedName(name), text, ...(always === undefined && { statuses: USUAL }) }];
}

/** `-s '404 500'` in front of the others → them and the rest. */
function statusesOf(args: readonly string[]): {
  readonly statuses?: readonly number[];
  readonly rest: readonly string[];
} {
  const [flag = '', list = '', ...rest] = args;
  if (!flag.startsWith('-')) return { rest: args };
  const statuses = [...new Set(list.trim().split(/\s+/).map(Number))];
  if (flag !== '-s' || statuses.some((each) => !Number.isInteger(each) || each < 100 || each > 599))
    throw new Refusal("takes -s and statuses, for example -s '404 500', and no other option");
  return { statuses, rest };
}

/** `Name: value` → both; the value is empty where there is none. */
export function splitHeader(text: string): readonly [name: string, value: string] {
  const at = text.indexOf(':');
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function setHeaders(args: readonly string[], scope: TextScope): LiveHeader[] {
  const { rest, ...statuses } = statusesOf(args);
  if (rest.length === 0) throw new Refusal('takes headers, for example "X-Frame-Options: DENY"');
  return rest.map((each) => {
    const [name, value] = splitHeader(each);
    const text = textOf(value, scope);
    return { op: 'set', name: checkedName(name), ...(text.length > 0 && { text }), ...statuses };
  });
}

function clearHeaders(args: readonly string[]): LiveHeader[] {
  const { rest, ...statuses } = statusesOf(args);
  if (rest.length === 0) throw new Refusal('takes names of headers');
  return rest.map((name) => {
    checkedName(name.replace(/\*$/, ''));
    return { op: 'clear', name, ...statuses };
  });
}

/** What a directive does to headers of answers; undefined for one that is about something else. */
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
      if (args.length !== 1) throw new Refusal('takes the name of a header');
      return clearHeaders(args);
    }
    default:
      return undefined;
  }
}
