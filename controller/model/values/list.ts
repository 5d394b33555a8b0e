/** Lists that users write as one text. */
import { shorten } from '../../types/problem.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';

export interface ListForm<Item, Value> {
  readonly accepts: string;
  /** Parses an item, trimmed; a reason is the end of a clause that begins with the item: "is not a host name". */
  readonly item: (text: string) => Parsed<Item>;
  /** What messages show of an item that may contain a secret. */
  readonly shown?: (text: string) => string;
  /** The value from the valid items, in their order, at least one. */
  readonly value: (items: readonly Item[]) => Value;
  /** A comma if absent. */
  readonly separator?: RegExp;
  /** The limit of NGINX's decoder, and what it counts: `[1000, 'headers']`. */
  readonly most?: readonly [count: number, noun: string];
  /** Without an invalid item the others would let in more than intended, so the whole value is rejected. */
  readonly whole?: true;
}

/** Maximum number of invalid items in a message: a text may have thousands. */
const MOST_NAMED = 5;

/**
 * Empty items are ignored. An invalid item is dropped and the others apply, unless none is valid, or the list is a
 * `whole`.
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
      const reason = bad.length === 0 ? undefined : `contains ${named.join(', and ')}${more}`;
      if (good.length === 0 || (whole === true && reason !== undefined)) return reject(reason ?? 'contains no item');
      return accept(value(good), reason);
    },
  };
}

/** Without duplicates, in the order of first occurrence. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** Without duplicates, in an order independent of the text's. */
export function uniqueSorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** An item whose value is its text, if it is valid. */
export function itemThat(isGood: (text: string) => boolean, reason: string): (text: string) => Parsed<string> {
  return (text) => (isGood(text) ? accept(text) : reject(reason));
}
