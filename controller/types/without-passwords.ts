/**
 * User names and passwords in URLs (`https://name:password@host/`) are never shown: not in a log, an Event, an answer
 * of the inspection API or an explanation. An annotation is not a Secret, but many people may read what is shown.
 */

/**
 * The part of an authority before its last `@` (RFC 3986, section 3.2). The second form also matches a password that
 * contains `/`, `?` or `#`, which should have been escaped: then, what follows the first colon is not a port. The
 * length of the second form is limited, so that the time is proportional to the length of the text.
 */
const USER_INFO = /\/\/(?:[^\s/?#]*@|[^\s/?#:[]*:(?!\d{0,5}(?:[/?#"'\s]|$))\S{0,256}@)/g;

/** The text with `[redacted]` instead of each user name and password in a URL. */
export function withoutPasswords(text: string): string {
  return text.includes('@') ? text.replaceAll(USER_INFO, '//[redacted]@') : text;
}
