/**
 * URLs of hosts to which NGINX sends requests on behalf of a tenant. A URL must not name a Unix socket, or an address
 * to which NGINX must not connect. The exceptions in --allow-addresses apply to endpoints and to the addresses of DNS
 * names, but not to addresses in annotations.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';
import type { BackendRef } from '../../types/plan.ts';
import { isHostname, isLabel, isNumericHost } from './names.ts';
import { isPort } from '../../types/ports.ts';

/** The parts of a URL. */
export interface ServiceUrl {
  readonly protocol: 'http' | 'https';
  /** The host without port and brackets. */
  readonly host: string;
  readonly port: number;
  /** The text after the host and port, as written: empty, or beginning with `/`, `?` or `$`. */
  readonly rest: string;
}

const URL = /^(https?):\/\/([A-Za-z0-9.-]+|\$host|\$\{host\}|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:[/?$].*)?)$/;

const refusedAs = judgeOf(NO_EXCEPTIONS);

function isTarget(host: string): boolean {
  if (ipaddr.isValid(host)) return true;
  return isHostname(host) && host !== 'localhost' && !host.endsWith('.localhost') && !isNumericHost(host);
}

/** If the host is an IP address: the address in canonical form, and why it is refused, if it is. */
function addressIn(name: string): { address?: string; refused?: string | undefined } {
  return ipaddr.isValid(name) ? { address: ipaddr.parse(name).toString(), refused: refusedAs(name) } : {};
}

/** Scheme → protocol and default port. */
const PROTOCOLS = new Map([
  ['http', { protocol: 'http', port: 80 } as const],
  ['https', { protocol: 'https', port: 443 } as const],
]);

/**
 * Splits a URL into its parts. If the URL is invalid, the result is the reason, as the end of a sentence. `use`:
 * purpose of the host, for the reason: "to which requests may be mirrored". `hostVaries`: the host may be `$host`.
 */
export function splitUrl(raw: string, use: string, hostVaries = false): ServiceUrl | string {
  const [, scheme = '', written = '', digits, rest = ''] = URL.exec(raw) ?? [];
  const varies = written.startsWith('$') && hostVaries;
  const name = varies ? '$host' : written.replaceAll(/[[\]]/g, '').toLowerCase();
  const { address, refused } = addressIn(name);
  if (refused !== undefined) return `names ${name}, which is ${refused}; no request goes there`;
  const found = PROTOCOLS.get(scheme);
  if (found === undefined || !(varies || isTarget(name))) return `is not the URL of a host ${use}`;
  const port = Number(digits ?? found.port);
  if (!isPort(port)) return 'has a port outside 1 to 65535';
  return { protocol: found.protocol, host: address ?? name, port, rest };
}

/** The backend for a host. A cluster DNS name stands for its Service; any other host is outside the cluster. */
export function backendOf({ host, port }: Pick<ServiceUrl, 'host' | 'port'>): BackendRef {
  const [service = '', namespace = '', ...rest] = host.split('.');
  const named = ['svc', 'svc.cluster.local'].includes(rest.join('.')) && isLabel(service) && isLabel(namespace);
  if (named) return { namespace, service, port };
  return { namespace: host.includes(':') ? '-6' : '-', service: host, port, outside: true };
}

/** The host as it is written in a Host header: IPv6 addresses in brackets. */
export function hostHeader(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
