/** A minimal DER parser: supports only tags of one byte and definite lengths. */

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** The elements of which the bytes consist; undefined if the bytes are not a series of whole elements. */
export function elementsOf(bytes: Buffer): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, first = 0x80] = [bytes[at], bytes[at + 1]];
    const octets = first < 0x80 ? 0 : first & 0x7f;
    if ((tag & 0x1f) === 0x1f || first === 0x80 || octets > 4) return undefined;
    const begin = at + 2 + octets;
    const length = octets === 0 ? first : bytes.subarray(at + 2, begin).reduce((sum, byte) => sum * 256 + byte, 0);
    if (begin + length > bytes.length) return undefined;
    found.push({ tag, content: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  return found;
}

/** The elements inside a SEQUENCE; undefined if the element is not a valid SEQUENCE. */
export function elementsWithin(element: Element | undefined): readonly Element[] | undefined {
  return element?.tag === SEQUENCE ? elementsOf(element.content) : undefined;
}

export function isInteger({ tag, content }: Element): boolean {
  const [first = 0, second = 0] = content;
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return tag === INTEGER && content.length > 0 && !padded;
}
