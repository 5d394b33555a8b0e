/**
 * Hosts to which clients may be redirected. Clients, not NGINX, connect to these hosts, so private addresses are
 * allowed, and so is loopback: programs on a user's machine receive sign-in responses there (RFC 8252, section 7.3).
 * Other special addresses are refused: no user needs a redirect to them, but a server that follows redirects, for
 * example to fetch a preview, would send requests to its own cloud's metadata service.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';

const judge = judgeOf({ ...NO_EXCEPTIONS, allowed: ['127.0.0.0/8', '::1/128'] });

/** `authority`: a host with an optional port, IPv6 in brackets. The reason is the end of a sentence about the URL. */
export function refusedForClients(authority: string): string | undefined {
  const host = authority.replace(/:\d*$/, '').replaceAll(/[[\]]/g, '').replace(/\.$/, '');
  if (!ipaddr.isValid(host)) return undefined;
  const refused = judge(ipaddr.parse(host).toString());
  return refused === undefined ? undefined : `names ${host}, which is ${refused}; clients are not sent there`;
}
