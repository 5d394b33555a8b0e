/** Shortens a JSON string that exceeds its limit while it is being read. */
import { abridged } from '../../types/left-out.ts';

/** Enough bytes of JSON for the part of a string that is shown. An escape sequence takes up to six bytes. */
export const SHORT_BYTES = 1024;

/**
 * `start` is the beginning of the string, including escapes; `bytes` is the length of the whole string. The result is
 * to be put between quotes.
 */
export function shortJson(start: string, bytes: number): string {
  // `start` may end in the middle of a surrogate pair.
  return JSON.stringify(abridged(decoded(start).toWellFormed(), bytes)).slice(1, -1);
}

/** Decodes the longest complete beginning: `start` may end in the middle of an escape sequence. */
function decoded(start: string): string {
  for (let end = start.length; end > start.length - 6; end -= 1) {
    try {
      return JSON.parse(`"${start.slice(0, Math.max(0, end))}"`) as string;
    } catch {
      continue;
    }
  }
  return '';
}
