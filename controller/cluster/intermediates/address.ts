/**
 * Decides which addresses may be contacted for an issuer's certificate. The URL comes from the certificate's author.
 * Therefore no flag allows more addresses here, and addresses for special use are excluded as well.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';

/**
 * Ranges that may be contacted. Private ranges are among them, because a company's own CA usually has such an address.
 * For NAT64 (`rfc6052`), `judgeOf` checks the embedded address.
 */
const ALLOWED = new Set(['unicast', 'private', 'uniqueLocal', 'rfc6052']);

const refusedAs = judgeOf(NO_EXCEPTIONS);

export function mayBeAsked(address: string): boolean {
  return refusedAs(address) === undefined && ALLOWED.has(ipaddr.process(address).range());
}
