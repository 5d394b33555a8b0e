/** Classes that have a name, as PCRE has them for bytes. */
import { add, type ByteSet, emptySet, inverted } from './byte-set.ts';

/** From text like `09AZaz__`: pairs of first and last byte. */
function ranges(text: string): ByteSet {
  const set = emptySet();
  for (let at = 0; at < text.length; at += 2) add(set, text.charCodeAt(at), text.charCodeAt(at + 1));
  return set;
}

const SPACE = ranges('\t\r  ');
const BLANK = ranges('\t\t  ');
// `\h` has the no-break space too.
const HORIZONTAL = ranges('\t\t  \u00a0\u00a0');
const DIGIT = ranges('09');
const WORD = ranges('09AZaz__');

/** `\d` and its like, by their letter. */
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

/** `[:alpha:]` and its like, by their name. */
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

/** Bytes that have an escape of their own, by its letter. */
export const ESCAPED_BYTES: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['f', 0x0c],
  ['r', 0x0d],
]);
