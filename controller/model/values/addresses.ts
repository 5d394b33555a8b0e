/** Addresses of this machine. */
import ipaddr from 'ipaddr.js';
import { accept, type Parser, reject } from '../parser.ts';

type Family = 'ipv4' | 'ipv6';

/** In one form, IPv6 without brackets; undefined for what is none. */
function addressOf(item: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(item)?.[1] ?? item;
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return bare;
  if (!bare.includes(':') || bare.includes('%') || !ipaddr.IPv6.isValid(bare)) return undefined;
  return ipaddr.parse(bare).toString();
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Comma-separated, each once; what is no address, or one of another family, is dropped, unless all is. */
export function ipAddresses(family?: Family): Parser<readonly string[]> {
  const noun = family === undefined ? 'IP addresses' : family === 'ipv4' ? 'IPv4 addresses' : 'IPv6 addresses';
  return {
    accepts: `comma-separated ${noun}`,
    parse: (raw) => {
      const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
      const read = items.map((item) => {
        const address = addressOf(item);
        return address === undefined || (family !== undefined && familyOf(address) !== family) ? undefined : address;
      });
      const found = read.filter((address) => address !== undefined);
      const lost = items.filter((_, index) => read[index] === undefined);
      if (found.length === 0) return reject(`holds none of ${noun}`);
      return accept([...new Set(found)], lost.length === 0 ? undefined : `holds ${lost.join(', ')}`);
    },
  };
}
