/** The maximum length of a word in nginx.conf. */

/**
 * nginx reads its configuration through a buffer of 4096 bytes (NGX_CONF_BUFFER). A word must fit into it together with
 * the quote, space or semicolon after the word: see ngx_conf_read_token in ngx_conf_file.c.
 */
export const LONGEST_WORD = 4095;

/** The limit for a string that becomes a word alone, or together with a few other characters. */
const LONGEST_TEXT = 4000;

/** Bytes of a string in quotes, in which `"` and `\` are escaped and so take two bytes. */
function quotedBytes(text: string): number {
  return Buffer.byteLength(text) + text.split(/["\\]/).length - 1;
}

/** Why a string cannot be a word of nginx.conf, as the end of a sentence; undefined if it can. */
export function notOneWord(text: string): string | undefined {
  // A character has at most three bytes for each UTF-16 unit, or two if it is escaped.
  const fits = text.length * 3 <= LONGEST_TEXT || (text.length <= LONGEST_TEXT && quotedBytes(text) <= LONGEST_TEXT);
  return fits ? undefined : `is longer than the ${LONGEST_TEXT} bytes that nginx reads as one word`;
}
