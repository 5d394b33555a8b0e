/** Parser for strings and regular expressions that nginx's `map` compares with the path and query of a request. */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';
import { listOf, unique } from './list.ts';

/**
 * An item as a key of the `map`. Names of groups are removed from regular expressions, because nginx would set
 * variables with these names.
 */
function read(item: string): Parsed<string> {
  if (/[\u0000-\u0020\u007f]/.test(item)) return reject('contains a space or control character');
  const tooLong = notOneWord(item);
  if (tooLong !== undefined) return reject(tooLong);
  const [, mark, pattern] = /^(~\*?)(.*)$/s.exec(item) ?? [];
  // nginx compares strings ignoring case, and refuses duplicates.
  if (mark === undefined || pattern === undefined)
    return item.startsWith('/') ? accept(item.toLowerCase()) : reject('begins neither with / nor with ~');
  if (pattern === '') return reject('is not a regular expression');
  const checked = checkSearch(pattern);
  return checked.ok ? accept(`${mark}${checked.pattern}`) : reject(checked.reason);
}

/** Comma-separated items; duplicates are removed. */
export const requestUris: Parser<readonly string[]> = listOf({
  accepts: 'comma-separated items, each an absolute path, or ~ and a regular expression',
  item: read,
  value: unique,
});
