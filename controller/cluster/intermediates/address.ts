/**
 * Which addresses may be asked for an issuer's certificate. The URL is written by whoever made the certificate; nothing
 * excepts an address from the rules, and what is for special use is not asked either.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';

/** Private ones, because a company's own authority is found there; NAT64, as the judge looks into it. */
const ALLOWED = new Set(['unicast', 'private', 'uniqueLocal', 'rfc6052']);

const refusedAs = judgeOf(NO_EXCEPTIONS);

export function mayBeAsked(address: string): boolean {
  return refusedAs(address) === undefined && ALLOWED.has(ipaddr.process(address).range());
}
