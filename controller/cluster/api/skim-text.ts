/** Shortens a JSON string that is too long while it is read. */
import { abridged } from '../../types/left-out.ts';

/** Enough bytes of JSON for the shown part of a text: an escape has six. */
export const SHORT_BYTES = 1024;

/** `start`: the beginning of the string, including escapes; the result goes between quotes. */
export function shortJson(start: string, bytes: number): string {
  // A surrogate pair may have been cut in two as well.
  return JSON.stringify(abridged(decoded(start).toWellFormed(), bytes)).slice(1, -1);
}

/** The longest complete beginning: an escape may have been cut in two. */
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
