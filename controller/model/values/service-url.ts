/**
 * URLs of hosts to which NGINX sends requests on a tenant's behalf: never a socket, and never an address that NGINX
 * must not connect to. The administrator's exceptions apply to endpoints and names, not to addresses in annotations.
 */
import ipaddr from 'ipaddr.js';
import { judgeOf, NO_EXCEPTIONS } from '../../types/addresses.ts';
import type { BackendRef } from '../../types/plan.ts';
import { isHostname, isLabel } from './names.ts';

/** `http://host:port` of a URL, and the rest. */
export interface ServiceUrl {
  readonly protocol: 'http' | 'https';
  /** Without port and brackets. */
  readonly host: string;
  readonly port: number;
  /** From the first of `/`, `?` and `$` on, as written. */
  readonly rest: string;
}

const URL = /^(https?):\/\/([A-Za-z0-9.-]+|\$host|\$\{host\}|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:[/?$].*)?)$/;

const refusedAs = judgeOf(NO_EXCEPTIONS);

function isTarget(host: string): boolean {
  if (ipaddr.isValid(host)) return true;
  return isHostname(host) && host !== 'localhost' && !host.endsWith('.localhost') && !/^[\d.]+$/.test(host);
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** For a name that is a refused address in its usual spelling: the kind of address. */
function addressIn(name: string): { address?: string; refused?: string | undefined } {
  return ipaddr.isValid(name) ? { address: ipaddr.parse(name).toString(), refused: refusedAs(name) } : {};
}

/** Scheme → the protocol, and the default port. */
const PROTOCOLS = new Map([
  ['http', { protocol: 'http', port: 80 } as const],
  ['https', { protocol: 'https', port: 443 } as const],
]);

/**
 * Its parts, or what is wrong. `use`: the purpose of its host: "may be asked". `hostVaries`: `$host` may stand for the
 * host, and is the `host` then.
 */
export function splitUrl(raw: string, use: string, hostVaries = false): ServiceUrl | string {
  const [, scheme = '', written = '', digits, rest = ''] = URL.exec(raw) ?? [];
  const varies = written.startsWith('$') && hostVaries;
  const name = varies ? '$host' : written.replaceAll(/[[\]]/g, '').toLowerCase();
  const { address, refused } = addressIn(name);
  if (refused !== undefined) return `names ${name}, which is ${refused}; no request goes there`;
  const found = PROTOCOLS.get(scheme);
  if (found === undefined || !(varies || isTarget(name))) return `is not the URL of a host that ${use}`;
  const port = Number(digits ?? found.port);
  if (!isPort(port)) return 'has a port outside 1 to 65535';
  return { protocol: found.protocol, host: address ?? name, port, rest };
}

/** A cluster DNS name of a Service means that Service; everything else is outside. */
export function backendOf({ host, port }: Pick<ServiceUrl, 'host' | 'port'>): BackendRef {
  const [service = '', namespace = '', ...rest] = host.split('.');
  const named = ['svc', 'svc.cluster.local'].includes(rest.join('.')) && isLabel(service) && isLabel(namespace);
  if (named) return { namespace, service, port };
  return { namespace: host.includes(':') ? '-6' : '-', service: host, port, outside: true };
}

/** The host for a Host header, without a port. */
export function hostHeader(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
