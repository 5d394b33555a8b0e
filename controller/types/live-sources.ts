/**
 * What access rules come to for every address. A table has a record for each address at which another verdict begins: the
 * address in hexadecimal digits, and `a` (let in), `d` (refused) or `n` (no rule fits); in order, the first is that of 0.
 */
export interface LiveSources {
  /** Records of 8 digits and a letter. */
  readonly ipv4: string;
  /** Records of 32 digits and a letter. */
  readonly ipv6: string;
  /** Verdict for clients on a unix socket. */
  readonly unix: 'a' | 'd' | 'n';
}
