/** IP addresses as numbers, parsed strictly and fast: a Service may have thousands of endpoints. */

/** An IPv6 address as eight numbers of 16 bits. */
export type AddressGroups = readonly number[];

/**
 * Parses an IPv4 address: four decimal numbers without leading zeros, because some parsers read numbers with leading
 * zeros as octal. Undefined for anything else.
 */
export function ip4(text: string): number | undefined {
  let [number, octet, digits, octets] = [0, 0, 0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? 46 : text.charCodeAt(at);
    if (code === 46) {
      if (digits === 0 || octet > 255) return undefined;
      number = number * 256 + octet;
      octets += 1;
      [octet, digits] = [0, 0];
    } else {
      if (code < 48 || code > 57 || digits === 3 || (digits === 1 && octet === 0)) return undefined;
      octet = octet * 10 + code - 48;
      digits += 1;
    }
  }
  return octets === 4 ? number : undefined;
}

const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** Parses the groups on one side of `::`; undefined if one of them is invalid. */
function side(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  for (const part of text.split(':')) {
    if (!GROUP.test(part)) return undefined;
    groups.push(parseInt(part, 16));
  }
  return groups;
}

/** Parses an IPv6 address; undefined for anything else, even for an address with a zone. */
export function ip6(text: string): AddressGroups | undefined {
  let written = text;
  if (text.includes('.')) {
    // The last 32 bits as an IPv4 address.
    const from = text.lastIndexOf(':') + 1;
    const last = from === 0 ? undefined : ip4(text.slice(from));
    if (last === undefined) return undefined;
    written = `${text.slice(0, from)}${Math.floor(last / 0x10000).toString(16)}:${(last % 0x10000).toString(16)}`;
  }
  const gap = written.indexOf('::');
  const left = side(gap < 0 ? written : written.slice(0, gap));
  const right = side(gap < 0 ? '' : written.slice(gap + 2));
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  return gap < 0 ? left : [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** Whether the first `bits` of two addresses are the same. */
export function sameStart(a: AddressGroups, b: AddressGroups, bits: number): boolean {
  for (let group = 0; group * 16 < bits; group += 1) {
    const shift = Math.max(0, 16 - (bits - group * 16));
    if ((a[group] ?? 0) >> shift !== (b[group] ?? 0) >> shift) return false;
  }
  return true;
}

export function text4(address: number): string {
  return `${Math.floor(address / 0x1000000)}.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
}

/** The address in the notation of RFC 5952: the longest run of zeros, or the first of several, becomes `::`. */
export function text6(groups: AddressGroups): string {
  let [from, most] = [0, 1];
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > most) [from, most] = [at, end - at];
    at = Math.max(at, end);
  }
  const hex = (some: AddressGroups): string => some.map((group) => group.toString(16)).join(':');
  return most < 2 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + most))}`;
}
