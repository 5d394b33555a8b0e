/** Parses escape sequences, and character classes in square brackets. */
import { add, type ByteSet, emptySet, folded, inverted, union } from './byte-set.ts';
import { ESCAPED_BYTES, ESCAPED_CLASSES, POSIX_CLASSES } from './byte-classes.ts';
import { NotInGrammar } from './syntax.ts';

const HEX = /[0-9A-Fa-f]{2}/y;
const POSIX = /\[([:.=])(\^?)([A-Za-z]*)\1\]/y;

export type Escaped = { readonly byte: number; readonly end: number } | { readonly set: ByteSet; readonly end: number };

/**
 * Parses an escape sequence, inside or outside of a class. Only sequences that have the same meaning in PCRE 8, in
 * PCRE2 and in this parser are accepted. `at`: position of the backslash.
 */
export function readEscape(text: string, at: number): Escaped {
  const letter = text[at + 1] ?? '';
  const set = ESCAPED_CLASSES.get(letter);
  if (set !== undefined) return { set, end: at + 2 };
  const byte = ESCAPED_BYTES.get(letter);
  if (byte !== undefined) return { byte, end: at + 2 };
  if (letter === 'x') {
    HEX.lastIndex = at + 2;
    const code = Number.parseInt(HEX.exec(text)?.[0] ?? '0', 16);
    if (code === 0) throw new NotInGrammar('has \\x without two hexadecimal digits other than 00', at);
    return { byte: code, end: at + 4 };
  }
  if (letter === '') throw new NotInGrammar('ends with a backslash', at);
  if (/[A-Za-z0-9]/.test(letter)) throw new NotInGrammar(`has \\${letter}, which is not supported`, at);
  if (letter < ' ' || letter > '~') throw new NotInGrammar('has a backslash before a non-ASCII character', at);
  return { byte: letter.charCodeAt(0), end: at + 2 };
}

/** Parses one byte of a class, or a named class inside it. */
function readItem(text: string, at: number): Escaped {
  const character = text[at] ?? '';
  if (character === '\\') return readEscape(text, at);
  if (character === '[') {
    POSIX.lastIndex = at;
    const [whole, mark, negated, name = ''] = POSIX.exec(text) ?? [];
    const set = mark === ':' ? POSIX_CLASSES.get(name) : undefined;
    if (whole !== undefined && set !== undefined)
      return { set: negated === '' ? set : inverted(set), end: at + whole.length };
    if (/[:.=]/.test(text[at + 1] ?? ''))
      throw new NotInGrammar('has a class within a class; only named classes such as [:alpha:] are accepted there', at);
  }
  if (character > '~') throw new NotInGrammar('has a non-ASCII character in a class', at);
  return { byte: character.charCodeAt(0), end: at + 1 };
}

/** Whether there is a `-` that is not the last character of the class. */
function isDash(text: string, at: number): boolean {
  return text[at] === '-' && text[at + 1] !== ']';
}

/** Text that PCRE interprets as a POSIX class outside of brackets. */
const LONE_POSIX = /\[([:.=])[^\]]*\1\]/y;

export interface ReadClass {
  /** The bytes that the class may match if upper and lower case count as equal. */
  readonly set: ByteSet;
  /** The bytes between the brackets, as written. */
  readonly listed: ByteSet;
  /** The class matches all other bytes. */
  readonly negated: boolean;
  readonly end: number;
}

/** Parses a class; `at`: position of the opening bracket. */
export function readClass(text: string, at: number): ReadClass {
  LONE_POSIX.lastIndex = at;
  if (LONE_POSIX.test(text)) throw new NotInGrammar('has a class such as [:alpha:] outside of brackets', at);
  const negated = text[at + 1] === '^';
  const set = emptySet();
  const start = at + (negated ? 2 : 1);
  let place = start;
  if (text[place] === ']') throw new NotInGrammar('has ] first in a class, where it must be written \\]', place);
  while (text[place] !== ']') {
    if (place >= text.length) throw new NotInGrammar('has a [ that is not closed', at);
    const item = readItem(text, place);
    place = item.end;
    const ranged = isDash(text, place) && place + 1 < text.length;
    if ('set' in item) {
      if (ranged) throw new NotInGrammar('has a - after a class, where it must be written \\-', place);
      union(set, item.set);
    } else if (ranged) {
      const last = readItem(text, place + 1);
      if ('set' in last) throw new NotInGrammar('has a range that ends with a class', place);
      if (last.byte < item.byte) throw new NotInGrammar('has a range whose end comes before its start', place);
      add(set, item.byte, last.byte);
      place = last.end;
      if (isDash(text, place)) throw new NotInGrammar('has a - after a range, where it must be written \\-', place);
    } else add(set, item.byte);
  }
  const either = folded(set);
  // The result for `[^a]` contains `A` and `a`, although matching may exclude both: a larger set only makes the verdict
  // stricter.
  return { set: negated ? folded(inverted(set)) : either, listed: set, negated, end: place + 1 };
}
