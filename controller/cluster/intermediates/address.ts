/**
 * Which addresses may be asked for an issuer's certificate. The URL is written by whoever made the certificate, so it
 * must not lead to this machine, to its neighbours on the link, or to what a cloud tells its machines in confidence.
 */
import ipaddr from 'ipaddr.js';

/** Private ones, because a company's own authority is found there. */
const ALLOWED = new Set(['unicast', 'private', 'uniqueLocal']);

/** Services of clouds for their own machines outside of the link-local range: AWS (IPv6), Azure. */
const OF_THE_CLOUD = [ipaddr.parseCIDR('fd00:ec2::/32'), ipaddr.parseCIDR('168.63.129.16/32')];

/** Bytes of an IPv4 address at the end of an IPv6 one (NAT64, RFC 6052). */
const EMBEDDED = 4;

export function mayBeAsked(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'rfc6052')
    return mayBeAsked(ipaddr.fromByteArray(parsed.toByteArray().slice(-EMBEDDED)).toString());
  if (OF_THE_CLOUD.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits)))
    return false;
  return ALLOWED.has(parsed.range());
}
