/** What is compared with a request's path and query by a `map` of nginx. */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';
import { listOf, unique } from './list.ts';

/** As the key of a `map`; groups of regular expressions lose their names, which would set variables of nginx. */
function read(item: string): Parsed<string> {
  if (/[\u0000-\u0020\u007f]/.test(item)) return reject('holds a blank or control character');
  const tooLong = notOneWord(item);
  if (tooLong !== undefined) return reject(tooLong);
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  // nginx takes texts without regard to case, and refuses one that comes twice.
  if (mark === undefined || pattern === undefined)
    return item.startsWith('/') ? accept(item.toLowerCase()) : reject('begins neither with / nor with ~');
  if (pattern === '') return reject('is not a regular expression');
  const checked = checkSearch(pattern);
  return checked.ok ? accept(`${mark}${checked.pattern}`) : reject(checked.reason);
}

/** Each once. */
export const requestUris: Parser<readonly string[]> = listOf({
  accepts: 'paths from the root, or ~ and a regular expression, separated by commas',
  item: read,
  value: unique,
});
