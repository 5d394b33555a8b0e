/** Values of a request header that are refused, as a `map` of nginx would tell them. */
import type { LiveBlocked } from '../../types/live.ts';
import { accept, type Parser, reject } from '../parser.ts';
import { checkSearch } from '../regex/check.ts';

/** The decoder of nginx/lua/tidegate/shapes/blocked.lua takes as many. */
const MOST = 100_000;
const CONTROL = /[\u0000-\u001f\u007f]/;

type Read = { readonly text: string } | { readonly pattern: string } | { readonly reason: string };

function read(item: string): Read {
  if (CONTROL.test(item)) return { reason: 'holds a control character' };
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  if (mark === undefined || pattern === undefined) return { text: item.toLowerCase() };
  if (pattern === '') return { reason: 'is no regular expression' };
  const checked = checkSearch(mark === '~*' ? `(?i)${pattern}` : pattern);
  if (!checked.ok) return { reason: checked.reason };
  return { pattern: checked.pattern };
}

/** Comma-separated; one that is none is dropped, unless all are. */
export const blockedHeaders: Parser<LiveBlocked> = {
  accepts: 'texts, or ~ (~* without regard to case) and a regular expression, separated by commas',
  parse: (raw) => {
    const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    if (items.length > MOST) return reject(`names ${items.length} values, more than ${MOST}`);
    const all = items.map((item) => ({ item, ...read(item) }));
    const bad = all.flatMap((each) => ('reason' in each ? [`${each.item}, which ${each.reason}`] : []));
    const texts = all.flatMap((each) => ('text' in each ? [each.text] : []));
    const patterns = all.flatMap((each) => ('pattern' in each ? [each.pattern] : []));
    const reason = bad.length === 0 ? undefined : `holds ${bad.join(', and ')}`;
    if (texts.length + patterns.length === 0) return reject(reason ?? 'names none');
    return accept({ texts: [...new Set(texts)].sort(), patterns: [...new Set(patterns)] }, reason);
  },
};
