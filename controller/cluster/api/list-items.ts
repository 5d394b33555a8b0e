/**
 * The bytes of a list → the text of each of its items as they come, and what is around them. Items are parsed one by
 * one, so that a page of large objects does not hold the event loop, and a page is never in memory as a whole. Pure.
 */

export interface ItemSplitter {
  /** Items that end in this chunk. */
  push(chunk: Buffer): readonly string[];
  /** The list without its items: `{"kind":"IngressList","metadata":{…},"items":[]}`. */
  rest(): string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** Inside the map, then its list. */
const ITEM_DEPTH = 2;

/**
 * Says nothing about whether the text is JSON: of what is not, at least one piece is not. Strings and brackets are all
 * that it knows, and all that is needed to find the items of a text that is JSON.
 */
export function createItemSplitter(): ItemSplitter {
  const around: string[] = [];
  const decoder = new TextDecoder();
  /** The beginning of an item that goes on in the next chunk. */
  let begun: Buffer[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inItems = false;

  function keep(bytes: Buffer): void {
    around.push(decoder.decode(bytes, { stream: true }));
  }

  function item(end: Buffer): string {
    const text = begun.length === 0 ? end.toString('utf8') : Buffer.concat([...begun, end]).toString('utf8');
    begun = [];
    return text;
  }

  /** At an opening bracket: is it that of the items? */
  function opensItems(byte: number): boolean {
    return byte === OPEN_LIST && depth === ITEM_DEPTH && /(?<!\\)"items"\s*:\s*\[$/.test(around.join('').slice(-64));
  }

  return {
    push(chunk) {
      const items: string[] = [];
      /** Where what belongs together (an item, or what is around items) begins in this chunk. */
      let from = 0;
      let at = 0;
      while (at < chunk.length) {
        if (inString) {
          at = endOfString(chunk, at, escaped);
          escaped = at > chunk.length;
          inString = at >= chunk.length;
          at += 1;
          continue;
        }
        const byte = chunk[at] ?? 0;
        if (byte === QUOTE) inString = true;
        else if (byte === OPEN_MAP || byte === OPEN_LIST) {
          depth += 1;
          if (depth === ITEM_DEPTH && byte === OPEN_LIST) {
            keep(chunk.subarray(from, at + 1));
            from = at + 1;
            inItems = opensItems(byte);
          }
        } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
          depth -= 1;
          if (inItems && depth < ITEM_DEPTH) {
            const last = item(chunk.subarray(from, at));
            if (last.trim() !== '') items.push(last);
            inItems = false;
            from = at;
          }
        } else if (byte === COMMA && inItems && depth === ITEM_DEPTH) {
          items.push(item(chunk.subarray(from, at)));
          from = at + 1;
        }
        at += 1;
      }
      if (inItems) begun.push(chunk.subarray(from));
      else keep(chunk.subarray(from));
      return items;
    },
    rest: () => around.join(''),
  };
}

/**
 * Where the quote is that ends a string; the length of the chunk where it is not in it, and one more where the next
 * chunk begins with what a backslash escapes.
 */
function endOfString(chunk: Buffer, from: number, escaped: boolean): number {
  let at = escaped ? from + 1 : from;
  const end = chunk.length;
  while (at < end) {
    const byte = chunk[at];
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}
