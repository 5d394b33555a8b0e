/** The beginning of a string: at most `most` bytes of UTF-8, with `…` at the end if something was cut off. */
export function firstBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const kept = bytes.subarray(0, most - 3);
  // A character that was cut in two decodes to U+FFFD.
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}
