/** Where requests are mirrored to: never loopback or link-local addresses, never a socket. */
import ipaddr from 'ipaddr.js';
import type { BackendRef } from '../../types/plan.ts';
import { isForeignAddress } from '../backends.ts';
import { accept, type Parser, reject } from '../parser.ts';
import { isHostname, isLabel } from './names.ts';

export interface MirrorUrl {
  readonly protocol: 'http' | 'https';
  /** Without port and brackets. */
  readonly host: string;
  readonly backend: BackendRef;
  /** Path and query: text, or, where it begins with a dollar, a variable of NGINX. */
  readonly uri: readonly string[];
}

const URL = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:[/?$].*)?)$/;
const VARIABLES = new Set(['request_uri', 'args', 'query_string', 'is_args', 'host', 'scheme']);
const TEXT = /^[A-Za-z0-9._~:/?&=%+*,;@!()-]*$/;

/** Text and variables, or what is wrong with them. */
function pieces(text: string): readonly string[] | string {
  const found: string[] = [];
  for (const part of text.split(/(\$\{\w+\}|\$\w+)/)) {
    if (part === '') continue;
    const name = /^\$\{?(\w+)\}?$/.exec(part)?.[1];
    if (name === undefined && !TEXT.test(part)) return 'holds a character that it may not hold';
    if (name !== undefined && !VARIABLES.has(name)) return `holds $${name}, which is none of its variables`;
    found.push(name === undefined ? part : `$${name}`);
  }
  return found;
}

/** A Service by its name in the cluster's DNS is that Service; everything else is outside. */
function backendOf(host: string, port: number): BackendRef {
  const [service = '', namespace = '', ...rest] = host.split('.');
  const named = ['svc', 'svc.cluster.local'].includes(rest.join('.')) && isLabel(service) && isLabel(namespace);
  if (named) return { namespace, service, port };
  return { namespace: host.includes(':') ? '-6' : '-', service: host, port, outside: true };
}

function isTarget(host: string): boolean {
  if (ipaddr.isValid(host)) return isForeignAddress(host) && (host.includes(':') || /^(\d+\.){3}\d+$/.test(host));
  return isHostname(host) && host !== 'localhost' && !host.endsWith('.localhost') && !/^[\d.]+$/.test(host);
}

export const mirrorUrl: Parser<MirrorUrl> = {
  accepts:
    'http:// or https://, a DNS name or an IP address (not loopback), a port, and a path with $request_uri, $args, ' +
    '$is_args, $host or $scheme',
  parse: (raw) => {
    const [, scheme, written = '', digits, rest = ''] = URL.exec(raw) ?? [];
    const protocol = scheme === 'http' || scheme === 'https' ? scheme : undefined;
    const host = written.replaceAll(/[[\]]/g, '').toLowerCase();
    if (protocol === undefined || !isTarget(host)) return reject('is not the URL of a host that may be mirrored to');
    const port = Number(digits ?? (protocol === 'http' ? 80 : 443));
    if (port < 1 || port > 65_535) return reject('holds a port that is none');
    const uri = rest === '' ? ['$request_uri'] : pieces(rest);
    if (typeof uri === 'string') return reject(uri);
    const address = ipaddr.isValid(host) ? ipaddr.parse(host).toString() : host;
    return accept({ protocol, host: address, backend: backendOf(address, port), uri });
  },
};

/** A Host header: a name or an address with or without port, or the client's. */
export const mirrorHost: Parser<string> = {
  accepts: 'a DNS name or an IP address, with or without port, or $host or $http_host',
  parse: (raw) => {
    if (raw === '$host' || raw === '$http_host') return accept(raw);
    const [, host = ''] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.exec(raw) ?? [];
    const address = host.startsWith('[') && ipaddr.isValid(host.slice(1, -1));
    return isHostname(host.toLowerCase()) || address ? accept(raw) : reject('is not a host');
  },
};
