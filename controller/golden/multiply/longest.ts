/**
 * Finds long values that annotations accept, derived from their good examples, so that a new annotation needs no code
 * here.
 */
import type { AnnotationKey } from '../../model/features/annotation.ts';

/** Variants of an example that contain a number, so that they are different items of a list. */
function numbered(example: string, index: number): readonly string[] {
  const [high, low] = [index >> 8, index & 255];
  return [
    example.replace(/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/, `10.${high}.${low}.${(index * 3) & 254}`),
    example.replace(/[A-Za-z](?=[^A-Za-z]|$)/, (letter) => `${letter}${index}`),
    example.replace(/\d+/, String(400 + (index % 199))),
  ];
}

/** Makes a value of at most `bytes`. */
type Form = (bytes: number) => string;

/** Lists of many items, and strings with a long repetition. */
function formsOf(example: string): readonly Form[] {
  const lists = [', ', '\n', ' '].flatMap((separator) =>
    example.split(/,\s*|\n/).flatMap((item) =>
      [0, 1, 2].map(
        (form): Form =>
          (bytes) =>
            listOf(item, form, separator, bytes),
      ),
    ),
  );
  const room = (bytes: number) => Math.max(0, bytes - example.length);
  return [
    ...lists,
    (bytes) => example + 'a'.repeat(room(bytes)),
    (bytes) => example.replace(/[a-z](?=[^a-z]*$)/, (last) => last.repeat(room(bytes) + 1)),
  ];
}

function listOf(item: string, form: number, separator: string, bytes: number): string {
  const items: string[] = [];
  for (let [index, size] = [0, 0]; ; index += 1) {
    const next = numbered(item, index)[form] ?? item;
    size += next.length + separator.length;
    if (size > bytes) return items.join(separator);
    items.push(next);
  }
}

/** The number of different items in a list. */
function variety(value: string): number {
  return new Set(value.split(/[,\n]/).map((item) => item.trim())).size;
}

/** A form whose values of these lengths are rejected is not tried with greater lengths. */
const PROBE = 1024;

/**
 * A long accepted value of at most `bytes`, preferably with many items; a good example if no long value is accepted.
 */
export function longestAccepted({ parser, good }: AnnotationKey<unknown>, bytes: number): string {
  const isAccepted = (value: string): boolean => {
    const parsed = parser.parse(value);
    return parsed.ok && parsed.dropped === undefined;
  };
  const forms = good.flatMap(formsOf).filter((form) => [PROBE, 128].some((size) => isAccepted(form(size))));
  for (let size = bytes; size >= 128; size /= 2) {
    const accepted = forms.map((form) => form(size)).filter((value) => value.length > size / 2 && isAccepted(value));
    const [longest] = accepted.toSorted((a, b) => variety(b) - variety(a));
    if (longest !== undefined) return longest;
  }
  return good[0] ?? '';
}
