import ipaddr from 'ipaddr.js';
import { accept, type Parsed, type Parser, reject } from '../parser.ts';

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

function parse(raw: string): Parsed<readonly string[]> {
  const items = raw.split(',').map((item) => item.trim());
  const networks: string[] = [];
  for (const item of items) {
    const network = normalise(item);
    if (network === undefined) return reject(`holds ${JSON.stringify(item)}, which is no IP address or CIDR`);
    networks.push(network);
  }
  return accept([...new Set(networks)].sort());
}

/** Comma-separated IPv4 and IPv6 addresses or CIDRs → networks, host bits cleared, sorted, each once. */
export const cidrs: Parser<readonly string[]> = { accepts: 'comma-separated IP addresses or CIDRs', parse };

/** The same for settings where one that cannot be read takes no other with it. */
export const someCidrs: Parser<readonly string[]> = {
  accepts: cidrs.accepts,
  parse: (raw) => {
    const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    const bad = items.filter((item) => normalise(item) === undefined);
    const reason = bad.length === 0 ? undefined : `holds what is no IP address or CIDR: ${bad.join(', ')}`;
    if (bad.length === items.length) return reject(reason ?? 'names none');
    return accept([...new Set(items.flatMap((item) => normalise(item) ?? []))].sort(), reason);
  },
};

/** The same for a setting: an item that is none is dropped, unless all are. */
export const networks: Parser<readonly string[]> = {
  accepts: cidrs.accepts,
  parse: (raw) => {
    const items = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    const all = items.map((item) => ({ item, network: normalise(item) }));
    const bad = all.filter(({ network }) => network === undefined).map(({ item }) => JSON.stringify(item));
    const good = all.flatMap(({ network }) => (network === undefined ? [] : [network]));
    const reason = bad.length === 0 ? undefined : `holds ${bad.join(', ')}, which is no IP address or CIDR`;
    return good.length === 0 ? reject(reason ?? 'names none') : accept([...new Set(good)].sort(), reason);
  },
};
