/**
 * Which addresses are connected to because a tenant says so: endpoints, DNS names, URLs of annotations, issuers of
 * certificates. Never this machine, its link, what a cloud tells its machines in confidence, or nobody in particular.
 */
import ipaddr from 'ipaddr.js';

/** What the administrator decides about addresses. The same object for as long as it says the same. */
export interface AddressRules {
  /** Ranges that are connected to whatever they are: `127.0.0.0/8`. */
  readonly allowed: readonly string[];
  /** Addresses of the own Pod. */
  readonly own: readonly string[];
  /** Ports of NGINX and the controller on them. */
  readonly ownPorts: readonly number[];
}

export const NO_EXCEPTIONS: AddressRules = { allowed: [], own: [], ownPorts: [] };

/** What an address is that is not connected to, for the end of a sentence ("it is …"); undefined for a good one. */
export type AddressJudge = (address: string, port?: number) => string | undefined;

const METADATA = 'the metadata service of a cloud';

/** Those outside of the link-local ranges: Azure, Alibaba Cloud, Oracle Cloud. */
const METADATA_4 = new Set([numberOf('168.63.129.16'), numberOf('100.100.100.200'), numberOf('192.0.0.192')]);

/** AWS (the whole range of its services), Google Cloud, Oracle Cloud, Scaleway, Akamai. */
const METADATA_6 = [
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:42::42/128',
  'fd00:a9fe:a9fe::1/128',
].map((range) => ipaddr.IPv6.parseCIDR(range));

/** Four decimal numbers, without zeros in front that others read as octal. Undefined for what is not an IPv4 address. */
function numberOf(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length !== 4) return undefined;
  let number = 0;
  for (const part of parts) {
    const octet = Number(part);
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || octet > 255) return undefined;
    number = number * 256 + octet;
  }
  return number;
}

function refused4(number: number): string | undefined {
  const first = Math.floor(number / 0x1000000);
  if (first === 127) return 'a loopback address';
  if (first === 0) return 'an unspecified address';
  if (Math.floor(number / 0x10000) === 0xa9fe) return 'a link-local address';
  if (first >= 224 && first < 240) return 'a multicast address';
  if (number === 0xffffffff) return 'the broadcast address';
  return METADATA_4.has(number) ? METADATA : undefined;
}

function numberAt(bytes: readonly number[], ...places: readonly number[]): number {
  return places.reduce((sum, place) => sum * 256 + (bytes[place] ?? 0), 0);
}

function isZero(bytes: readonly number[], from: number, to: number): boolean {
  return bytes.slice(from, to).every((byte) => byte === 0);
}

/** IPv4 addresses that an IPv6 address leads to, whichever translator or tunnel is on its way. */
function embedded(bytes: readonly number[]): readonly number[] {
  const last = numberAt(bytes, 12, 13, 14, 15);
  const start = numberAt(bytes, 0, 1, 2, 3);
  // Mapped, compatible, translated (RFC 4291, RFC 2765).
  if (isZero(bytes, 0, 8) && (isZero(bytes, 8, 12) || numberAt(bytes, 8, 9, 10, 11) === 0xffff)) return [last];
  if (isZero(bytes, 0, 8) && numberAt(bytes, 8, 9, 10, 11) === 0xffff0000) return [last];
  if (start === 0x0064ff9b) {
    // NAT64 (RFC 6052, RFC 8215). Where the address stands in a local prefix depends on its length, which nobody knows.
    if (isZero(bytes, 4, 12)) return [last];
    const places = [numberAt(bytes, 6, 7, 9, 10), numberAt(bytes, 7, 9, 10, 11), numberAt(bytes, 9, 10, 11, 12)];
    return [...places.filter((number) => number >= 0x1000000), last];
  }
  // 6to4, Teredo (its server, and its client with all bits turned), ISATAP.
  if (numberAt(bytes, 0, 1) === 0x2002) return [numberAt(bytes, 2, 3, 4, 5)];
  if (start === 0x20010000) return [numberAt(bytes, 4, 5, 6, 7), 0xffffffff - last];
  return (numberAt(bytes, 8, 9, 10, 11) & ~0x02000000) === 0x00005efe ? [last] : [];
}

function refused6(address: ipaddr.IPv6): string | undefined {
  const bytes = address.toByteArray();
  if (isZero(bytes, 0, 15) && (bytes[15] ?? 0) < 2)
    return bytes[15] === 1 ? 'a loopback address' : 'an unspecified address';
  if (bytes[0] === 0xff) return 'a multicast address';
  if (bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80) return 'a link-local address';
  return METADATA_6.some((range) => address.match(range)) ? METADATA : undefined;
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Comma-separated items of a list of ranges. */
export function rangeItems(text: string): readonly string[] {
  return text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
}

/** Undefined for what is not a range; an address alone is one. */
export function rangeOf(text: string): Range | undefined {
  const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  return ipaddr.isValidCIDR(whole) ? ipaddr.parseCIDR(whole) : undefined;
}

function judgeBy({ allowed, own, ownPorts }: AddressRules): AddressJudge {
  const ranges = allowed.flatMap((text) => {
    const range = rangeOf(text);
    return range === undefined ? [] : [range];
  });
  const ours = new Set(own.filter((text) => ipaddr.isValid(text)).map((text) => ipaddr.process(text).toString()));
  const ports = new Set(ownPorts);
  const isAllowed = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
    ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  const four = (number: number): string | undefined => {
    const refused = refused4(number);
    if (refused === undefined || ranges.length === 0) return refused;
    const bytes = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
    return isAllowed(new ipaddr.IPv4(bytes)) ? undefined : refused;
  };
  const six = (address: ipaddr.IPv6): string | undefined => {
    if (isAllowed(address)) return undefined;
    const direct = refused6(address);
    if (direct !== undefined) return direct;
    const within = embedded(address.toByteArray())
      .map(four)
      .find((refused) => refused !== undefined);
    return within === undefined ? undefined : `${within} inside an IPv6 address`;
  };
  const isOwn = (address: string, port: number | undefined): boolean =>
    port !== undefined &&
    ours.size > 0 &&
    ports.has(port) &&
    ours.has(ipaddr.process(address).toString()) &&
    !isAllowed(ipaddr.process(address));
  return (address, port) => {
    const number = numberOf(address);
    if (number === undefined && (address.includes('%') || !ipaddr.IPv6.isValid(address))) return 'not an IP address';
    const refused = number === undefined ? six(ipaddr.IPv6.parse(address)) : four(number);
    return refused ?? (isOwn(address, port) ? 'NGINX itself' : undefined);
  };
}

const judges = new WeakMap<AddressRules, AddressJudge>();

/** The judge of these rules; the same for the same object. */
export function judgeOf(rules: AddressRules): AddressJudge {
  const judge = judges.get(rules) ?? judgeBy(rules);
  judges.set(rules, judge);
  return judge;
}
