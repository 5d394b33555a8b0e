/**
 * The result of access rules for every address, as a string without separators. It consists of records, in the order of
 * addresses, starting with address 0. Each record is an address in hexadecimal digits and the verdict for this and all
 * following addresses up to the next record: `a` (allowed), `d` (denied) or `n` (no rule matches).
 */
export interface LiveSources {
  /** Records of 8 digits and a letter each. */
  readonly ipv4: string;
  /** Records of 32 digits and a letter each. */
  readonly ipv6: string;
  /** The verdict for clients on a unix socket. */
  readonly unix: 'a' | 'd' | 'n';
}
