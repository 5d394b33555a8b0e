/** Parsers for lists that users write as one string. */
import { shorten } from '../../types/problem.ts';
import { withoutPasswords } from '../../types/without-passwords.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';

export interface ListForm<Item, Value> {
  readonly accepts: string;
  /**
   * Parses a trimmed item. The reason for a rejection is worded to follow the item, for example "is not a host name".
   */
  readonly item: (text: string) => Parsed<Item>;
  /** The part of an item that messages may show, if items can contain secrets. */
  readonly shown?: (text: string) => string;
  /** Makes the value from the valid items, which are in the written order; there is at least one. */
  readonly value: (items: readonly Item[]) => Value;
  /** The separator of items; if absent, a comma. */
  readonly separator?: RegExp;
  /** Maximum number of items, and a noun for messages: `[1000, 'headers']`. */
  readonly most?: readonly [count: number, noun: string];
  /** If set, an invalid item makes the whole list invalid, because the other items alone might allow too much. */
  readonly whole?: true;
}

/** Maximum number of invalid items in a message: a string may have thousands. */
const MOST_NAMED = 5;

/** An item may be a part of a password, if the password contains the separator. No item is then shown. */
const A_PASSWORD = 'a URL with a user name, and an invalid item';

/**
 * Parses a list. Empty items are ignored. An invalid item is dropped and the others apply, unless no item is valid or
 * `whole` is set.
 */
export function listOf<Item, Value>(form: ListForm<Item, Value>): Parser<Value> {
  const { accepts, item, shown = (text) => text, value, separator = ',', most, whole } = form;
  return {
    accepts,
    parse: (raw) => {
      const texts = raw.split(separator).flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
      if (most !== undefined && texts.length > most[0])
        return reject(`has ${texts.length} ${most[1]}, more than ${most[0]}`);
      const read = texts.map((text) => ({ text, parsed: item(text) }));
      const good = read.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : []));
      const bad = read.flatMap(({ text, parsed }) => (parsed.ok ? [] : [{ text, reason: parsed.reason }]));
      const named = bad
        .slice(0, MOST_NAMED)
        .map(({ text, reason: why }) => `${shorten(shown(text), 40)}, which ${why}`);
      const others = bad.length - named.length;
      const more = others === 0 ? '' : `, and ${others} more invalid ones`;
      const listed = withoutPasswords(raw) === raw ? `${named.join(', and ')}${more}` : A_PASSWORD;
      const reason = bad.length === 0 ? undefined : `contains ${listed}`;
      if (good.length === 0 || (whole === true && reason !== undefined)) return reject(reason ?? 'contains no item');
      return accept(value(good), reason);
    },
  };
}

/** Removes duplicates; the items stay in the order of their first occurrence. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** Removes duplicates and sorts the items. */
export function uniqueSorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** Parser for items whose value is their text; `reason` is why an item is invalid. */
export function itemThat(isGood: (text: string) => boolean, reason: string): (text: string) => Parsed<string> {
  return (text) => (isGood(text) ? accept(text) : reject(reason));
}
