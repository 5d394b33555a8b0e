/** A string of JSON that is too long, abridged while it is read. */
import { abridged } from '../../types/left-out.ts';

/** Bytes of JSON that are enough for what is shown of a text: an escape has six. */
export const SHORT_BYTES = 1024;

/** `start`: what the string begins with, escapes and all; what comes out goes between quotes. */
export function shortJson(start: string, bytes: number): string {
  // A pair of surrogates may have been cut in two as well.
  return JSON.stringify(abridged(decoded(start).toWellFormed(), bytes)).slice(1, -1);
}

/** The longest beginning that is whole: an escape may have been cut in two. */
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
