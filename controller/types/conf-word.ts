/** How long a word of nginx.conf may be. */

/**
 * nginx reads its configuration through a buffer of 4096 bytes (NGX_CONF_BUFFER), into which a word has to fit with the
 * quote, blank or semicolon that ends it: ngx_conf_read_token in ngx_conf_file.c.
 */
export const LONGEST_WORD = 4095;

/** For a text that becomes a word alone, or with a little around it. */
const LONGEST_TEXT = 4000;

/** Bytes of a text within quotes, where `"` and `\` take two. */
function quotedBytes(text: string): number {
  return Buffer.byteLength(text) + text.split(/["\\]/).length - 1;
}

/** Why a text cannot be a word of nginx.conf, as the end of a sentence; undefined where it can. */
export function notOneWord(text: string): string | undefined {
  // No character takes more than three bytes a unit of its own length, or two of the quoted ones.
  const fits = text.length * 3 <= LONGEST_TEXT || (text.length <= LONGEST_TEXT && quotedBytes(text) <= LONGEST_TEXT);
  return fits ? undefined : `is longer than the ${LONGEST_TEXT} bytes that nginx reads as one word`;
}
