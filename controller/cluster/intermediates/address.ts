/**
 * Which addresses may be contacted for an issuer's certificate. The URL is written by the certificate's author, so no
 * flag exempts an address from the rules, and addresses for special use are excluded too.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';

/**
 * Private addresses, because a company's own CA is found there; NAT64, as `endpoint-address` checks the embedded
 * address.
 */
const ALLOWED = new Set(['unicast', 'private', 'uniqueLocal', 'rfc6052']);

const refusedAs = judgeOf(NO_EXCEPTIONS);

export function mayBeAsked(address: string): boolean {
  return refusedAs(address) === undefined && ALLOWED.has(ipaddr.process(address).range());
}
