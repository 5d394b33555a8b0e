import { type AddressGroups, ip4, ip6, text4, text6 } from '../../types/ip-numbers.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { listOf, uniqueSorted } from './list.ts';

const MAPPED_BITS = 96;

/**
 * `10.1.2.3/8` → `10.0.0.0/8`: nginx warns about host bits, and with one canonical form the text of nginx.conf does not
 * change unnecessarily. `::ffff:10.1.2.3` → `10.1.2.3`: NGINX's sockets report such a client with its IPv4 address, so
 * the IPv6 form would never match.
 */
function normalise(item: string): string | undefined {
  const slash = item.indexOf('/');
  const text = slash < 0 ? item : item.slice(0, slash);
  const length = slash < 0 ? undefined : item.slice(slash + 1);
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const four = ip4(text);
  if (four !== undefined) return network4(four, length === undefined ? undefined : Number(length));
  const groups = ip6(text);
  return groups === undefined ? undefined : network6(groups, length === undefined ? undefined : Number(length));
}

function network4(address: number, bits: number | undefined): string | undefined {
  if (bits === undefined) return text4(address);
  if (bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return `${text4(address - (address % size))}/${bits}`;
}

function network6(groups: AddressGroups, bits: number | undefined): string | undefined {
  if (bits !== undefined && bits > 128) return undefined;
  const [a, b, c, d, e, mark, high = 0, low = 0] = groups;
  const isMapped = mark === 0xffff && a === 0 && b === 0 && c === 0 && d === 0 && e === 0;
  if (isMapped && (bits === undefined || bits >= MAPPED_BITS))
    return network4(high * 0x10000 + low, bits === undefined ? undefined : bits - MAPPED_BITS);
  if (bits === undefined) return text6(groups);
  const kept = groups.map((group, at) => group & (0xffff << Math.min(16, Math.max(0, 16 * (at + 1) - bits))));
  return `${text6(kept)}/${bits}`;
}

/** A single address or CIDR. */
export function parseNetwork(item: string): Parsed<string> {
  const normal = normalise(item);
  return normal === undefined ? reject('is not an IP address or a CIDR') : accept(normal);
}

const form = { accepts: 'comma-separated IP addresses or CIDRs', item: parseNetwork, value: uniqueSorted } as const;

/** Comma-separated IPv4 and IPv6 addresses or CIDRs → networks, host bits cleared, sorted, without duplicates. */
export const networks: Parser<readonly string[]> = listOf(form);

/**
 * Like `networks`, but an invalid item makes the whole list invalid: for lists where dropping it would admit clients.
 */
export const allNetworks: Parser<readonly string[]> = listOf({ ...form, whole: true });
