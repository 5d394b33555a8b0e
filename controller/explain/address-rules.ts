/** Access rules by address. */
import { ip4, ip6 } from '../types/ip-numbers.ts';
import type { Directive } from '../types/directive.ts';
import type { LiveSources } from '../types/live-sources.ts';
import { sourcesOf } from '../model/values/access-lists.ts';

/** `a`: allowed, `d`: denied, `n`: no rule matches. */
export type AddressVerdict = 'a' | 'd' | 'n';

/** The verdict of the last record whose address is not greater than `address`. */
function lookUp(records: string, address: string): AddressVerdict {
  const width = address.length + 1;
  let [low, high] = [0, records.length / width - 1];
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (records.slice(middle * width, middle * width + address.length) <= address) low = middle;
    else high = middle - 1;
  }
  return records.charAt(low * width + address.length) as AddressVerdict;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The verdict of a table for a client's address; undefined if the text is not an address. */
export function judgeSource(sources: LiveSources, client: string): AddressVerdict | undefined {
  const four = ip4(client);
  if (four !== undefined) return lookUp(sources.ipv4, hex(four, 8));
  const six = ip6(client);
  if (six === undefined) return client === 'unix:' ? sources.unix : undefined;
  // An IPv4-mapped address counts as IPv4.
  if (six.slice(0, 5).every((group) => group === 0) && six[5] === 0xffff)
    return lookUp(sources.ipv4, hex((six[6] ?? 0) * 0x10000 + (six[7] ?? 0), 8));
  return lookUp(sources.ipv6, six.map((group) => hex(group, 4)).join(''));
}

/** The verdict of `allow` and `deny` directives; the first matching one decides. */
export function judgeRules(rules: readonly Directive[], client: string): AddressVerdict | undefined {
  return judgeSource(sourcesOf(rules), client);
}
