/** URLs of hosts that NGINX asks for a tenant: never loopback or link-local addresses, never a socket. */
import ipaddr from 'ipaddr.js';
import type { BackendRef } from '../../types/plan.ts';
import { isForeignAddress } from '../backends.ts';
import { isHostname, isLabel } from './names.ts';

/** `http://host:port` of a URL, and what is behind it. */
export interface ServiceUrl {
  readonly protocol: 'http' | 'https';
  /** Without port and brackets. */
  readonly host: string;
  readonly port: number;
  /** From the first of `/`, `?` and `$` on, as it was written. */
  readonly rest: string;
}

const URL = /^(https?):\/\/([A-Za-z0-9.-]+|\$host|\$\{host\}|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:[/?$].*)?)$/;

function isTarget(host: string): boolean {
  if (ipaddr.isValid(host)) return isForeignAddress(host) && (host.includes(':') || /^(\d+\.){3}\d+$/.test(host));
  return isHostname(host) && host !== 'localhost' && !host.endsWith('.localhost') && !/^[\d.]+$/.test(host);
}

/**
 * Its parts, or what is wrong with it. `use`: what its host may be for: "may be asked". `hostVaries`: `$host` may stand for
 * the host, and is the `host` then.
 */
export function splitUrl(raw: string, use: string, hostVaries = false): ServiceUrl | string {
  const [, scheme, written = '', digits, rest = ''] = URL.exec(raw) ?? [];
  const protocol = scheme === 'http' || scheme === 'https' ? scheme : undefined;
  const varies = written.startsWith('$') && hostVaries;
  const name = varies ? '$host' : written.replaceAll(/[[\]]/g, '').toLowerCase();
  if (protocol === undefined || !(varies || isTarget(name))) return `is not the URL of a host that ${use}`;
  const port = Number(digits ?? (protocol === 'http' ? 80 : 443));
  if (port < 1 || port > 65_535) return 'holds a port that is none';
  const host = ipaddr.isValid(name) ? ipaddr.parse(name).toString() : name;
  return { protocol, host, port, rest };
}

/** A Service by its name in the cluster's DNS is that Service; everything else is outside. */
export function backendOf({ host, port }: Pick<ServiceUrl, 'host' | 'port'>): BackendRef {
  const [service = '', namespace = '', ...rest] = host.split('.');
  const named = ['svc', 'svc.cluster.local'].includes(rest.join('.')) && isLabel(service) && isLabel(namespace);
  if (named) return { namespace, service, port };
  return { namespace: host.includes(':') ? '-6' : '-', service: host, port, outside: true };
}

/** As it stands in a Host header without a port. */
export function hostHeader(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
