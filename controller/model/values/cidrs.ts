import ipaddr from 'ipaddr.js';
import { accept, type Parsed, type Parser, reject } from '../parser.ts';
import { listOf, uniqueSorted } from './list.ts';

const MAPPED_BITS = 96;

/**
 * `10.1.2.3/8` → `10.0.0.0/8`: nginx warns about host bits; one form keeps the conf's bytes stable. `::ffff:10.1.2.3` →
 * `10.1.2.3`: NGINX's own sockets never show such a client as IPv6, so that a list would not have it.
 */
function normalise(item: string): string | undefined {
  if (ipaddr.isValidCIDR(item)) {
    const [address, bits] = ipaddr.parseCIDR(item);
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS)
      return normalise(`${address.toIPv4Address().toString()}/${bits - MAPPED_BITS}`);
    const four = address.kind() === 'ipv4';
    // "10.1/8" is a valid CIDR to the library and means something else to other programs.
    if (four && !ipaddr.IPv4.isValidFourPartDecimal(item.slice(0, item.indexOf('/')))) return undefined;
    const network = four ? ipaddr.IPv4.networkAddressFromCIDR(item) : ipaddr.IPv6.networkAddressFromCIDR(item);
    return `${network.toString()}/${bits}`;
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(item)) return item;
  // A mapped address comes out as the IPv4 address that it is.
  if (item.includes(':') && !item.includes('%') && ipaddr.IPv6.isValid(item)) return ipaddr.process(item).toString();
  return undefined;
}

/** One of them. */
export function parseNetwork(item: string): Parsed<string> {
  const normal = normalise(item);
  return normal === undefined ? reject('is not an IP address or a CIDR') : accept(normal);
}

const form = { accepts: 'comma-separated IP addresses or CIDRs', item: parseNetwork, value: uniqueSorted } as const;

/** Comma-separated IPv4 and IPv6 addresses or CIDRs → networks, host bits cleared, sorted, each once. */
export const networks: Parser<readonly string[]> = listOf(form);

/** The same where an address that is left out would be let in. */
export const allNetworks: Parser<readonly string[]> = listOf({ ...form, whole: true });
