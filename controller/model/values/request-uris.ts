/** What is compared with a request's path and query by a `map` of nginx. */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../parser.ts';
import { checkSearch } from '../regex/check.ts';

type Read = { readonly key: string } | { readonly reason: string };

/** As the key of a `map`; groups of regular expressions lose their names, which would set variables of nginx. */
function read(item: string): Read {
  if (/[\u0000-\u0020\u007f]/.test(item)) return { reason: 'holds a blank or control character' };
  const tooLong = notOneWord(item);
  if (tooLong !== undefined) return { reason: tooLong };
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  // nginx takes texts without regard to case, and refuses one that comes twice.
  if (mark === undefined || pattern === undefined)
    return item.startsWith('/') ? { key: item.toLowerCase() } : { reason: 'begins neither with / nor with ~' };
  if (pattern === '') return { reason: 'is no regular expression' };
  const checked = checkSearch(pattern);
  return checked.ok ? { key: `${mark}${checked.pattern}` } : { reason: checked.reason };
}

/** Comma-separated; one that is none is dropped, unless all are. Each once. */
export const requestUris: Parser<readonly string[]> = {
  accepts: 'paths from the root, or ~ and a regular expression, separated by commas',
  parse: (raw) => {
    const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    const all = items.map((item) => ({ item, ...read(item) }));
    const bad = all.flatMap((each) => ('reason' in each ? [`${each.item}, which ${each.reason}`] : []));
    const keys = all.flatMap((each) => ('key' in each ? [each.key] : []));
    const reason = bad.length === 0 ? undefined : `holds ${bad.join(', and ')}`;
    return keys.length === 0 ? reject(reason ?? 'names none') : accept([...new Set(keys)], reason);
  },
};
