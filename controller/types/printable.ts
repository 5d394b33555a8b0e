/** Makes text of others, such as tenants and clients, safe for a terminal or a line of a log. */

/**
 * Control characters, many of which a terminal interprets, and characters that change the direction of text or are
 * invisible.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The text on one line: each control or invisible character is written as an escape. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, escaped);
}

/** Like `printable`, but for text of several lines: line feeds and tabs stay. */
export function printableLines(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}
