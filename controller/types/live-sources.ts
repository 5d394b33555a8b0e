/**
 * The result of access rules for every address. A table has a record for each address at which the verdict changes: the
 * address in hexadecimal digits, and `a` (allowed), `d` (denied) or `n` (no rule matches); in order, starting with
 * address 0.
 */
export interface LiveSources {
  /** Records of 8 digits and a letter. */
  readonly ipv4: string;
  /** Records of 32 digits and a letter. */
  readonly ipv6: string;
  /** Verdict for clients on a unix socket. */
  readonly unix: 'a' | 'd' | 'n';
}
