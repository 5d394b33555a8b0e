/**
 * NGINX handles bytes, not characters. Here, a byte string is a string in which each character stands for one byte, so
 * that regular expressions and comparisons see what NGINX sees.
 */

/** The UTF-8 bytes of a string. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of UTF-8 bytes; invalid sequences become U+FFFD. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Replaces each byte of a class by `%` and two hexadecimal digits. `bytes` must have the flag `g`. */
export function percentEncode(text: string, bytes: RegExp): string {
  return text.replaceAll(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Lower case of ASCII letters only, as NGINX computes it. */
export function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
