/**
 * Lists of values of a request header; requests with such a value are refused. Values are matched as in nginx's `map`.
 */
import type { LiveBlocked } from '../../types/live.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';
import { listOf, unique, uniqueSorted } from './list.ts';

/** Maximum number of values; nginx/lua/tidegate/shapes/blocked.lua has the same limit. */
const MOST = 100_000;
/**
 * Maximum number of bytes of a list in JSON. Both lists and the headers of all responses are part of one value of the
 * live data. This value must fit into one message to NGINX, or else NGINX would not get any settings.
 */
const MOST_BYTES = 200_000;
const CONTROL = /[\u0000-\u001f\u007f]/;

type Blocked = { readonly text: string } | { readonly pattern: string };

function read(item: string): Parsed<Blocked> {
  if (CONTROL.test(item)) return reject('contains a control character');
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  if (mark === undefined || pattern === undefined) return accept({ text: item.toLowerCase() });
  if (pattern === '') return reject('is not a regular expression');
  const checked = checkSearch(mark === '~*' ? `(?i)${pattern}` : pattern);
  return checked.ok ? accept({ pattern: checked.pattern }) : reject(checked.reason);
}

const list: Parser<LiveBlocked> = listOf({
  accepts: 'comma-separated values, each of which is plain text, or ~ or ~* (ignoring case) and a regular expression',
  item: read,
  most: [MOST, 'values'],
  value: (items) => ({
    texts: uniqueSorted(items.flatMap((each) => ('text' in each ? [each.text] : []))),
    patterns: unique(items.flatMap((each) => ('pattern' in each ? [each.pattern] : []))),
  }),
});

export const blockedHeaders: Parser<LiveBlocked> = {
  ...list,
  parse: (raw) => {
    const parsed = list.parse(raw);
    const bytes = parsed.ok ? Buffer.byteLength(JSON.stringify(parsed.value)) : 0;
    return bytes > MOST_BYTES
      ? reject(`has ${bytes} bytes as live data, more than the ${MOST_BYTES} that one list may have`)
      : parsed;
  },
};
