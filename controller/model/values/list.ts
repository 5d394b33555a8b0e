/** Lists that people write in one text. */
import { shorten } from '../../types/problem.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';

export interface ListForm<Item, Value> {
  readonly accepts: string;
  /** An item without the blanks around it; a reason is the end of a clause that begins with it: "is not a host name". */
  readonly item: (text: string) => Parsed<Item>;
  /** What of an item stands in a message, where the item may hold a secret. */
  readonly shown?: (text: string) => string;
  /** Out of the items that can be read, in their order, at least one. */
  readonly value: (items: readonly Item[]) => Value;
  /** A comma where it is absent. */
  readonly separator?: RegExp;
  /** As many as the decoder of NGINX takes, and what they are: `[1000, 'headers']`. */
  readonly most?: readonly [count: number, noun: string];
  /** Without an item that cannot be read, the others would let in more than was meant: the value is rejected then. */
  readonly whole?: true;
}

/** Bad items that a message names: a text may have thousands. */
const MOST_NAMED = 5;

/**
 * Empty items are ignored. One that cannot be read is dropped, and the others hold, unless there are none, or the list
 * only holds as a `whole`.
 */
export function listOf<Item, Value>(form: ListForm<Item, Value>): Parser<Value> {
  const { accepts, item, shown = (text) => text, value, separator = ',', most, whole } = form;
  return {
    accepts,
    parse: (raw) => {
      const texts = raw.split(separator).flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
      if (most !== undefined && texts.length > most[0])
        return reject(`holds ${texts.length} ${most[1]}, more than ${most[0]}`);
      const read = texts.map((text) => ({ text, parsed: item(text) }));
      const good = read.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : []));
      const bad = read.flatMap(({ text, parsed }) => (parsed.ok ? [] : [{ text, reason: parsed.reason }]));
      const named = bad
        .slice(0, MOST_NAMED)
        .map(({ text, reason: why }) => `${shorten(shown(text), 40)}, which ${why}`);
      const others = bad.length - named.length;
      const more = others === 0 ? '' : `, and ${others} more that cannot be read`;
      const reason = bad.length === 0 ? undefined : `holds ${named.join(', and ')}${more}`;
      if (good.length === 0 || (whole === true && reason !== undefined)) return reject(reason ?? 'holds nothing');
      return accept(value(good), reason);
    },
  };
}

/** Each once, in the order of the first. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** Each once, in an order that does not depend on that of the text. */
export function uniqueSorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** An item that is its own value where it is good. */
export function itemThat(isGood: (text: string) => boolean, reason: string): (text: string) => Parsed<string> {
  return (text) => (isGood(text) ? accept(text) : reject(reason));
}
