/**
 * User names and passwords in URLs (`https://name:password@host/`) are never shown: not in a log, an Event, an answer of
 * the inspection API or an explanation. An annotation is not a Secret, but many people may read what is shown.
 */

/**
 * What stands before the last `@` of an authority (RFC 3986, section 3.2); also if a password contains `/`, `?` or `#`,
 * which should have been escaped: what follows the first colon is then not a port. The length of the second form is
 * limited, so that the time grows with the length of the text only.
 */
const USER_INFO = /\/\/(?:[^\s/?#]*@|[^\s/?#:[]*:(?!\d{0,5}(?:[/?#"'\s]|$))\S{0,256}@)/g;

/** The text with `[redacted]` instead of each user name and password in a URL. */
export function withoutPasswords(text: string): string {
  return text.includes('@') ? text.replaceAll(USER_INFO, '//[redacted]@') : text;
}
