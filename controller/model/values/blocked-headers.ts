/** Values of a request header that are refused, as a `map` of nginx would tell them. */
import type { LiveBlocked } from '../../types/live.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';
import { listOf, unique, uniqueSorted } from './list.ts';

/** The decoder of nginx/lua/tidegate/shapes/blocked.lua takes as many. */
const MOST = 100_000;
/**
 * Bytes of JSON. Both lists and the headers of all answers are one value of the live data, which has to fit into one delta:
 * one that does not would leave NGINX without any settings.
 */
const MOST_BYTES = 200_000;
const CONTROL = /[\u0000-\u001f\u007f]/;

type Blocked = { readonly text: string } | { readonly pattern: string };

function read(item: string): Parsed<Blocked> {
  if (CONTROL.test(item)) return reject('holds a control character');
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  if (mark === undefined || pattern === undefined) return accept({ text: item.toLowerCase() });
  if (pattern === '') return reject('is not a regular expression');
  const checked = checkSearch(mark === '~*' ? `(?i)${pattern}` : pattern);
  return checked.ok ? accept({ pattern: checked.pattern }) : reject(checked.reason);
}

const list: Parser<LiveBlocked> = listOf({
  accepts: 'texts, or ~ (~* without regard to case) and a regular expression, separated by commas',
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
      ? reject(`has ${bytes} bytes as live data, more than the ${MOST_BYTES} of one list`)
      : parsed;
  },
};
