/** Parsers for IP addresses. */
import ipaddr from 'ipaddr.js';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf, unique } from './list.ts';

type Family = 'ipv4' | 'ipv6';

/** The address in canonical form, IPv6 without brackets; undefined if the text is not an address. */
function addressOf(item: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(item)?.[1] ?? item;
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return bare;
  if (!bare.includes(':') || bare.includes('%') || !ipaddr.IPv6.isValid(bare)) return undefined;
  return ipaddr.parse(bare).toString();
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Comma-separated IP addresses, of one family if given; duplicates are removed. */
export function ipAddresses(family?: Family): Parser<readonly string[]> {
  const noun = family === undefined ? 'IP' : family === 'ipv4' ? 'IPv4' : 'IPv6';
  return listOf({
    accepts: `comma-separated ${noun} addresses`,
    item: (text) => {
      const address = addressOf(text);
      return address !== undefined && (family === undefined || familyOf(address) === family)
        ? accept(address)
        : reject(`is not an ${noun} address`);
    },
    value: unique,
  });
}
