import { type Groups, ip4, ip6, text4, text6 } from '../../types/ip-numbers.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { listOf, uniqueSorted } from './list.ts';

const MAPPED_BITS = 96;

/**
 * `10.1.2.3/8` → `10.0.0.0/8`: nginx warns about host bits, and one form keeps the bytes of nginx.conf stable.
 * `::ffff:10.1.2.3` → `10.1.2.3`: NGINX's own sockets never report such a client as IPv6, so the list would not match
 * it.
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

function network6(groups: Groups, bits: number | undefined): string | undefined {
  if (bits !== undefined && bits > 128) return undefined;
  const [a, b, c, d, e, mark, high = 0, low = 0] = groups;
  const isMapped = mark === 0xffff && a === 0 && b === 0 && c === 0 && d === 0 && e === 0;
  if (isMapped && (bits === undefined || bits >= MAPPED_BITS))
    return network4(high * 0x10000 + low, bits === undefined ? undefined : bits - MAPPED_BITS);
  if (bits === undefined) return text6(groups);
  const kept = groups.map((group, at) => group & (0xffff << Math.min(16, Math.max(0, 16 * (at + 1) - bits))));
  return `${text6(kept)}/${bits}`;
}

/** A single address or network. */
export function parseNetwork(item: string): Parsed<string> {
  const normal = normalise(item);
  return normal === undefined ? reject('is not an IP address or a CIDR') : accept(normal);
}

const form = { accepts: 'comma-separated IP addresses or CIDRs', item: parseNetwork, value: uniqueSorted } as const;

/** Comma-separated IPv4 and IPv6 addresses or CIDRs → networks, host bits cleared, sorted, without duplicates. */
export const networks: Parser<readonly string[]> = listOf(form);

/** As `networks`, for lists where dropping an item would let clients in: the whole value is rejected instead. */
export const allNetworks: Parser<readonly string[]> = listOf({ ...form, whole: true });
