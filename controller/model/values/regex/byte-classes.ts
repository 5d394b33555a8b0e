/** Named classes of bytes, as in PCRE. */
import { add, type ByteSet, emptySet, inverted } from './byte-set.ts';

/** The set of bytes in ranges, which are given as pairs of first and last byte: `09AZaz__`. */
function ranges(text: string): ByteSet {
  const set = emptySet();
  for (let at = 0; at < text.length; at += 2) add(set, text.charCodeAt(at), text.charCodeAt(at + 1));
  return set;
}

const SPACE = ranges('\t\r  ');
const BLANK = ranges('\t\t  ');
// `\h` includes the no-break space.
const HORIZONTAL = ranges('\t\t  \u00a0\u00a0');
const DIGIT = ranges('09');
const WORD = ranges('09AZaz__');

/** `\d` and similar classes, by the letter after the backslash. */
export const ESCAPED_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['d', DIGIT],
  ['D', inverted(DIGIT)],
  ['w', WORD],
  ['W', inverted(WORD)],
  ['s', SPACE],
  ['S', inverted(SPACE)],
  ['h', HORIZONTAL],
  ['H', inverted(HORIZONTAL)],
]);

/** `[:alpha:]` and similar classes, by name. */
export const POSIX_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', ranges('09AZaz')],
  ['alpha', ranges('AZaz')],
  ['blank', BLANK],
  ['cntrl', ranges('\u0000\u001f\u007f\u007f')],
  ['digit', DIGIT],
  ['graph', ranges('!~')],
  ['lower', ranges('az')],
  ['print', ranges(' ~')],
  ['punct', ranges('!/:@[`{~')],
  ['space', SPACE],
  ['upper', ranges('AZ')],
  ['word', WORD],
  ['xdigit', ranges('09AFaf')],
]);

/** Bytes that have an escape sequence such as `\t`, by the letter after the backslash. */
export const ESCAPED_BYTES: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['f', 0x0c],
  ['r', 0x0d],
]);
