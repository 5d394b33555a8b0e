/** Parsers for targets of redirects, which are used only in Location headers. */
import type { LiveRedirect } from '../../types/live.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { refusedForClients, refusedOwnHost } from './client-host.ts';
import { byName, piecesOf } from './pieces.ts';

/** Characters that ingress-nginx accepts in targets of redirects. */
const TEXT = /^[A-Za-z0-9._~:/,?&=-]*$/;
const URL = /^(https?|\$scheme|\$\{scheme\}):\/\/((?:\$host\b|\$\{host\})?[^/?$]*)(.*)$/is;

/** Variables that may follow the host: name as written → name of the variable that is expanded. */
const VARIABLES = new Map([
  ...byName('request_uri', 'escaped_request_uri', 'uri', 'args', 'is_args', 'scheme', 'host', 'http_host'),
  ['document_uri', 'uri'],
  ['query_string', 'args'],
]);

export type RedirectTarget = Pick<LiveRedirect, 'to' | 'rest'>;

export const HAS_USER = 'has a user name before its host, which is not supported';

/** A target that begins with `to` and continues with `rest`, which may contain variables. */
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
  if (authority.includes('@')) return reject(HAS_USER);
  const isOwn = authority.startsWith('$');
  const refused = isOwn ? refusedOwnHost(authority, ['host']) : refusedForClients(authority);
  if (refused !== undefined) return reject(refused);
  const host = isOwn ? authority.replace(/\$\{?host\}?/i, () => '$host') : authority;
  return together(`${scheme.startsWith('$') ? '$scheme' : scheme.toLowerCase()}://${host}`, rest);
}

const VARIABLE_NAMES = '$request_uri, $uri, $args, $is_args, $scheme, $host and $http_host';

/** A URL: `http://`, `https://` or `$scheme://`, a host, and optionally a path and a query. */
export const redirectUrl: Parser<RedirectTarget> = {
  accepts:
    'http://, https:// or $scheme://, then a host or $host, optionally followed by a path and a query of letters, ' +
    `digits, - . _ ~ : / , ? & = and the variables ${VARIABLE_NAMES}`,
  parse: parseUrl,
};

/** A URL, or a path on the host of the request. */
export const redirectTarget: Parser<RedirectTarget> = {
  accepts: `${redirectUrl.accepts}; or a path that begins with a single /`,
  parse: (raw) => {
    if (!raw.startsWith('/')) return parseUrl(raw);
    // Browsers interpret the text after // as a host.
    if (raw.startsWith('//')) return reject('begins with //, which leads to another host');
    const [text = ''] = raw.split('$');
    return TEXT.test(text)
      ? together(text, raw.slice(text.length))
      : reject('contains a character that is not allowed');
  },
};
