/**
 * Which addresses Tidegate may connect to because a tenant's object names them: endpoints, DNS names, URLs in
 * annotations, issuers of certificates. Addresses of this machine and of its link, of clouds' metadata services, and
 * addresses that do not belong to a single host are forbidden. So are Tidegate's own ports and the API server.
 */
import { type AddressGroups, ip4, ip6, sameStart } from './ip-numbers.ts';

/** The administrator's decisions about addresses. While they do not change, the same object is used. */
export interface AddressRules {
  /** Ranges that are always allowed, for instance `127.0.0.0/8`. */
  readonly allowed: readonly string[];
  /** Addresses that are forbidden on some ports. */
  readonly reserved: readonly ReservedPorts[];
}

/** Addresses on which a program of the cluster itself listens, and its ports. */
export interface ReservedPorts {
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** What listens there, as the end of a sentence: "it is …". */
  readonly what: string;
}

/** What listens on the ports of Tidegate's Pods, as the end of a sentence. */
export const OWN_PORTS = 'Tidegate itself';
export const API_SERVER_PORTS = 'the API server';

export const NO_EXCEPTIONS: AddressRules = { allowed: [], reserved: [] };

/** Returns the kind of a forbidden address, as the end of a sentence ("it is …"), and undefined for an allowed one. */
export type AddressJudge = (address: string, port?: number) => string | undefined;

const METADATA = 'the metadata service of a cloud';

/** Metadata addresses outside the link-local ranges: Azure, Alibaba Cloud, Oracle Cloud. */
const METADATA_4 = new Set(['168.63.129.16', '100.100.100.200', '192.0.0.192'].map(ip4));

/** AWS (the whole range of its services), Google Cloud, Oracle Cloud, Scaleway, Akamai. */
const METADATA_6 = (
  [
    ['fd00:ec2::', 32],
    ['fd20:ce::254', 128],
    ['fd00:c1::a9fe:a9fe', 128],
    ['fd00:42::42', 128],
    ['fd00:a9fe:a9fe::1', 128],
  ] as const
).map(([start, bits]) => ({ start: ip6(start) ?? [], bits }));

function refused4(number: number): string | undefined {
  const first = Math.floor(number / 0x1000000);
  if (first === 127) return 'a loopback address';
  if (first === 0) return 'an unspecified address';
  if (Math.floor(number / 0x10000) === 0xa9fe) return 'a link-local address';
  if (first >= 224 && first < 240) return 'a multicast address';
  if (number === 0xffffffff) return 'the broadcast address';
  return METADATA_4.has(number) ? METADATA : undefined;
}

function refused6(groups: AddressGroups): string | undefined {
  const [first = 0] = groups;
  const last = groups[7] ?? 0;
  if (last < 2 && first === 0 && groups.every((group, at) => group === 0 || at === 7))
    return last === 1 ? 'a loopback address' : 'an unspecified address';
  if (first >> 8 === 0xff) return 'a multicast address';
  if (first >> 6 === 0xfe80 >> 6) return 'a link-local address';
  // METADATA_6 contains only unique local addresses.
  if (first >> 8 !== 0xfd) return undefined;
  return METADATA_6.some(({ start, bits }) => sameStart(groups, start, bits)) ? METADATA : undefined;
}

const NONE: readonly number[] = [];

/** IPv4 addresses to which a translator or tunnel may send packets for an IPv6 address. */
function embedded(groups: AddressGroups): readonly number[] {
  const word = (at: number): number => (groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0);
  const last = word(6);
  // IPv4-mapped, IPv4-compatible and IPv4-translated addresses (RFC 4291, RFC 2765).
  if (word(0) === 0 && word(2) === 0) return [0, 0xffff, 0xffff0000].includes(word(4)) ? [last] : NONE;
  if (word(0) === 0x64ff9b) return word(2) === 0 && word(4) === 0 ? [last] : translated(groups.slice(3, 7), last);
  // 6to4, Teredo (its server, and its client with all bits inverted), ISATAP.
  if (groups[0] === 0x2002) return [word(1)];
  if (word(0) === 0x20010000) return [word(2), 0xffffffff - last];
  return [0x5efe, 0x2005efe].includes(word(4)) ? [last] : NONE;
}

/**
 * The IPv4 addresses that a NAT64 address may stand for (RFC 6052, RFC 8215). The IPv4 address follows the local
 * prefix, whose length is unknown: 48, 56, 64 or 96 bits. The reserved byte after 64 bits is skipped.
 */
function translated([d = 0, e = 0, f = 0, g = 0]: readonly number[], last: number): readonly number[] {
  const bytes = [d >> 8, d & 255, e & 255, f >> 8, f & 255, g >> 8];
  const numbers = [0, 1, 2].map((from) => bytes.slice(from, from + 4).reduce((sum, byte) => sum * 256 + byte, 0));
  return [...numbers.filter((number) => number >= 0x1000000), last];
}

/** Splits a comma-separated list of ranges. */
export function rangeItems(text: string): readonly string[] {
  return text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
}

type Range = { readonly start: number | AddressGroups; readonly bits: number };

/** Parses a range or a single address; undefined for anything else. */
export function rangeOf(text: string): Range | undefined {
  const [address = '', length] = text.split('/');
  const start = ip4(address) ?? ip6(address);
  const most = typeof start === 'number' ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  const good = start !== undefined && (length === undefined || (/^\d{1,3}$/.test(length) && bits <= most));
  return good && text.split('/').length < 3 ? { start, bits } : undefined;
}

function inRange(address: number | AddressGroups, { start, bits }: Range): boolean {
  if (typeof address === 'number')
    return typeof start === 'number' && Math.floor(address / 2 ** (32 - bits)) === Math.floor(start / 2 ** (32 - bits));
  return typeof start !== 'number' && sameStart(address, start, bits);
}

/** A string that is the same for every notation of an address. */
function keyOf(address: number | AddressGroups): string {
  return typeof address === 'number' ? `${address}` : address.join(':');
}

/** Address, in the form of `keyOf`, and port → what listens there. */
type Reserved = ReadonlyMap<string, ReadonlyMap<number, string>>;

function reservedBy(rules: readonly ReservedPorts[]): Reserved {
  const reserved = new Map<string, Map<number, string>>();
  for (const { addresses, ports, what } of rules) {
    for (const text of addresses) {
      const address = ip4(text) ?? ip6(text);
      if (address === undefined) continue;
      const byPort = reserved.get(keyOf(address)) ?? new Map<number, string>();
      reserved.set(keyOf(address), byPort);
      for (const port of ports) byPort.set(port, what);
    }
  }
  return reserved;
}

function judgeBy(rules: AddressRules): AddressJudge {
  const ranges = rules.allowed.map(rangeOf).filter((range) => range !== undefined);
  const reserved = reservedBy(rules.reserved);
  const isAllowed = (address: number | AddressGroups): boolean => ranges.some((range) => inRange(address, range));
  const listener = (address: number | AddressGroups, port: number | undefined): string | undefined =>
    port === undefined || reserved.size === 0 ? undefined : reserved.get(keyOf(address))?.get(port);
  const four = (number: number, port: number | undefined): string | undefined => {
    const refused = refused4(number) ?? listener(number, port);
    return refused === undefined || isAllowed(number) ? undefined : refused;
  };
  const six = (groups: AddressGroups, port: number | undefined): string | undefined => {
    if (isAllowed(groups)) return undefined;
    const within = embedded(groups);
    const direct = refused6(groups) ?? listener(groups, port);
    if (direct !== undefined || within === NONE) return direct;
    const refused = within.map((number) => four(number, port)).find((each) => each !== undefined);
    return refused === undefined ? undefined : `${refused} inside an IPv6 address`;
  };
  return (text, port) => {
    const address = ip4(text) ?? ip6(text);
    if (address === undefined) return 'not an address';
    return typeof address === 'number' ? four(address, port) : six(address, port);
  };
}

const judges = new WeakMap<AddressRules, AddressJudge>();

/** The check for these rules; calls with the same object return the same function. */
export function judgeOf(rules: AddressRules): AddressJudge {
  const judge = judges.get(rules) ?? judgeBy(rules);
  judges.set(rules, judge);
  return judge;
}

/** The host of a URL without the brackets of an IPv6 address. */
export function withoutBrackets(host: string): string {
  return host.replaceAll(/^\[|\]$/g, '');
}

/** An address and a port as one string: `10.0.0.1:80`, `[2001:db8::1]:80`. */
export function addressText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
