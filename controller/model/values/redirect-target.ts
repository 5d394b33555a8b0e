/** Targets of redirects: text for a Location header, used nowhere else. */
import ipaddr from 'ipaddr.js';
import type { LiveRedirect } from '../../types/live.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { isHostname } from './names.ts';
import { byName, piecesOf } from './pieces.ts';

/** Characters that ingress-nginx accepts in targets of redirects. */
const TEXT = /^[A-Za-z0-9._~:/,?&=-]*$/;
const URL = /^(https?|\$scheme|\$\{scheme\}):\/\/((?:\$host\b|\$\{host\})?[^/?$]*)(.*)$/is;

/** What may follow the host. */
const VARIABLES = new Map([
  ...byName('request_uri', 'escaped_request_uri', 'uri', 'args', 'is_args', 'scheme', 'host', 'http_host'),
  ['document_uri', 'uri'],
  ['query_string', 'args'],
]);

export type RedirectTarget = Pick<LiveRedirect, 'to' | 'rest'>;

/** A DNS name or an IPv4 address with an optional port; brackets are not among the allowed characters. */
export function isAuthority(text: string): boolean {
  const [host = '', port, ...rest] = text.split(':');
  if (rest.length > 0 || (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))) return false;
  const name = host.toLowerCase().replace(/\.$/, '');
  return /^[\d.]+$/.test(name) ? ipaddr.IPv4.isValidFourPartDecimal(name) : isHostname(name);
}

/** `$host`, with or without a port, in one spelling; undefined for anything else. */
function ownHost(text: string): string | undefined {
  const [, port] = /^\$(?:host|\{host\})(?::(\d{1,5}))?$/i.exec(text) ?? [undefined, 'none'];
  if (port === undefined) return '$host';
  return Number(port) <= 65_535 ? `$host:${port}` : undefined;
}

/** `to` with `rest` appended; adjacent texts are joined. */
function together(to: string, rest: string): Parsed<RedirectTarget> {
  const pieces = piecesOf(rest, VARIABLES, TEXT);
  if (typeof pieces === 'string') return reject(pieces);
  const varies = to.includes('$') || pieces.some((piece) => piece.startsWith('$'));
  if (!varies) return accept({ to: `${to}${rest}` });
  return accept({ to, rest: pieces.length === 0 ? ['/'] : pieces });
}

function parseUrl(raw: string): Parsed<RedirectTarget> {
  const [, scheme = '', authority = '', rest = ''] = URL.exec(raw) ?? [];
  if (scheme === '') return reject('is not a URL with http or https');
  if (authority === '' && rest.startsWith('$')) return reject('has a variable other than $host as its host');
  if (/^\$(?!\{?(?:request_uri|uri|document_uri|is_args)\b)/.test(rest))
    return reject('has a variable right after its host, which might extend the host');
  const host = authority.startsWith('$') ? ownHost(authority) : isAuthority(authority) ? authority : undefined;
  if (host === undefined) return reject(`names ${JSON.stringify(authority)}, which is not a host`);
  return together(`${scheme.startsWith('$') ? '$scheme' : scheme.toLowerCase()}://${host}`, rest);
}

const VARIABLE_NAMES = '$request_uri, $uri, $args, $is_args, $scheme, $host and $http_host';

/** `http://`, `https://` or `$scheme://`, a host, and what follows it. */
export const redirectUrl: Parser<RedirectTarget> = {
  accepts:
    'http://, https:// or $scheme://, then a host, which may be $host, then letters, digits and . _ ~ : / , ? & = -, also ' +
    VARIABLE_NAMES,
  parse: parseUrl,
};

/** A URL, or a path on the requested host. */
export const redirectTarget: Parser<RedirectTarget> = {
  accepts: `${redirectUrl.accepts}; or a path with one / in front`,
  parse: (raw) => {
    if (!raw.startsWith('/')) return parseUrl(raw);
    // Browsers read it as a host.
    if (raw.startsWith('//')) return reject('begins with //, which leads to another host');
    const [text = ''] = raw.split('$');
    return TEXT.test(text)
      ? together(text, raw.slice(text.length))
      : reject('contains a character that is not allowed');
  },
};
