/**
 * Hosts to which clients may be redirected. Clients, not NGINX, connect to these hosts, so private addresses are
 * allowed, and so is loopback: programs on a user's machine receive sign-in responses there (RFC 8252, section 7.3).
 * Other special addresses are refused: no user needs a redirect to them, but a server that follows redirects, for
 * example to fetch a preview, would send requests to its own cloud's metadata service.
 *
 * All targets of redirects are judged here, so that none accepts a notation of an address that another one refuses.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';
import { isHostname, isNumericHost } from './names.ts';
import { isPort } from '../../types/ports.ts';

const judge = judgeOf({ ...NO_EXCEPTIONS, allowed: ['127.0.0.0/8', '::1/128'] });

interface Authority {
  /** The host without a port; an IPv6 address in brackets. */
  readonly host: string;
  /** The text after the colon; undefined without a colon. */
  readonly port: string | undefined;
}

/** Splits a host with an optional port. Undefined for anything else. */
function authorityOf(text: string): Authority | undefined {
  const [, host, port] = /^(\[[^[\]]*\]|[^[\]:]*)(?::(.*))?$/.exec(text) ?? [];
  if (host === undefined || host === '' || (port !== undefined && !isPortText(port))) return undefined;
  return { host, port };
}

function isPortText(text: string): boolean {
  return /^\d{1,5}$/.test(text) && (Number(text) === 0 || isPort(Number(text)));
}

/** Whether a string is a DNS name, an IPv4 address of four decimal numbers, or an IPv6 address in brackets. */
function isHost(text: string): boolean {
  if (text.startsWith('[')) return /^\[[0-9A-Fa-f:.]+\]$/.test(text) && ipaddr.IPv6.isValid(text.slice(1, -1));
  const name = text.toLowerCase().replace(/\.$/, '');
  return isNumericHost(name) ? ipaddr.IPv4.isValidFourPartDecimal(name) : isHostname(name);
}

/** A user name and a password before the host are not repeated. */
function notAHost(authority: string): string {
  if (authority.includes('@')) return 'contains a user name or a password before its host';
  return `names ${JSON.stringify(authority)}, which is not a host`;
}

/** Why clients are not redirected to a host with an optional port, as the end of a sentence; undefined if they are. */
export function refusedForClients(authority: string): string | undefined {
  const { host } = authorityOf(authority) ?? {};
  if (host === undefined || !isHost(host)) return notAHost(authority);
  const address = host.replaceAll(/[[\]]/g, '').replace(/\.$/, '');
  if (!ipaddr.isValid(address)) return undefined;
  const refused = judge(ipaddr.parse(address).toString());
  return refused === undefined ? undefined : `names ${address}, which is ${refused}; clients are not sent there`;
}

/**
 * Why clients are not redirected to a host that is a variable for the host of the request, or a name within that host,
 * such as `$host` or `login.${host}:8443`; undefined if they are. `variables`: names of the variables. No other text
 * may touch the variable, because the two together might be an address.
 */
export function refusedOwnHost(authority: string, variables: readonly string[]): string | undefined {
  const [, before = '', name = '', port] =
    /^([^$:]*)\$\{(\w+)\}(?::(.*))?$/.exec(authority.replace(/\$(\w+)/, '${$1}')) ?? [];
  if (!variables.includes(name.toLowerCase()))
    return `has a host in which only $${variables[0]} may be a variable, at its end`;
  if (port !== undefined && !isPortText(port)) return notAHost(authority);
  const labels = before.replace(/\.$/, '').toLowerCase();
  if (before === '' || (before.endsWith('.') && isHostname(labels) && !isNumericHost(labels))) return undefined;
  return `has a variable right after ${JSON.stringify(before)}, which is not a name and a dot`;
}
