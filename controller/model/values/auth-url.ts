/** The URL of an authentication service, and the URL to which clients are redirected to sign in. */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { refusedForClients, refusedOwnHost } from './client-host.ts';
import { byName, type Pieces, piecesOf } from './pieces.ts';
import { type ServiceUrl, splitUrl } from './service-url.ts';

/** The URL of a service; `host` is the text `$host` if it stands for the host of the Ingress's rule. */
export interface AuthUrl extends Pick<ServiceUrl, 'protocol' | 'host' | 'port'> {
  /** Path and query. */
  readonly uri: Pieces;
}

/** Name of a variable in ingress-nginx → its name in NGINX or Tidegate. */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ...byName('request_uri', 'escaped_request_uri', 'args', 'is_args', 'host', 'http_host', 'scheme', 'request_method'),
  ['query_string', 'args'],
  ['remote_addr', 'remote_addr'],
  ['pass_access_scheme', 'scheme'],
  ['best_http_host', 'http_host'],
]);

const SOME = '$request_uri, $escaped_request_uri, $args, $is_args, $host, $http_host, $scheme, $request_method';

export const authUrl: Parser<AuthUrl> = {
  accepts:
    'http:// or https://, a host (a DNS name, $host, or an IP address of another machine), an optional port, and ' +
    `optionally a path, which may contain ${SOME} and $remote_addr`,
  parse: (raw) => {
    const url = splitUrl(raw, 'to which subrequests may be sent', true);
    if (typeof url === 'string') return reject(url);
    const uri = piecesOf(url.rest === '' ? '/' : url.rest, VARIABLES);
    if (typeof uri === 'string') return reject(uri);
    return accept({ protocol: url.protocol, host: url.host, port: url.port, uri });
  },
};

/** The characters of `pieces.ts`, and the brackets of an IPv6 address. */
const TEXT = /^(?:https?:\/\/\[[0-9A-Fa-f:.]+\])?[A-Za-z0-9._~:/?&=%+*,;@!()-]*$/;

export interface SignInUrl {
  readonly pieces: Pieces;
  /** Names of the query parameters that have a value. */
  readonly parameters: ReadonlySet<string>;
}

/** A scheme, and a host with an optional port. */
const ORIGIN = /^(?:https?|\$(?:scheme|pass_access_scheme|\{(?:scheme|pass_access_scheme)\})):\/\/([^/?]+)(?:[/?]|$)/;

/** Variables for the host of the request. */
const OWN_HOST = ['host', 'http_host', 'best_http_host'];

function refusedHost(host: string): string | undefined {
  return host.includes('$') ? refusedOwnHost(host, OWN_HOST) : refusedForClients(host);
}

function parametersOf(raw: string): ReadonlySet<string> {
  const query = raw.includes('?') ? raw.slice(raw.indexOf('?') + 1) : '';
  return new Set(query.split('&').flatMap((pair) => /^([^=]+)=./.exec(pair)?.[1] ?? []));
}

/** A URL, or a path on the host of the request. */
export const signInUrl: Parser<SignInUrl> = {
  accepts: `a URL with http:// or https://, or a path; both may contain ${SOME} and $remote_addr`,
  parse: (raw) => {
    const [, host] = ORIGIN.exec(raw) ?? [];
    if (host === undefined && !/^\/(?![/$])/.test(raw)) return reject('is neither the URL of a host nor a path');
    const refused = host === undefined ? undefined : refusedHost(host);
    if (refused !== undefined) return reject(refused);
    const written = piecesOf(raw, VARIABLES, TEXT);
    if (typeof written === 'string') return reject(written);
    const pieces = raw.startsWith('/') ? ['$scheme', '://', '$http_host', ...written] : written;
    return accept({ pieces, parameters: parametersOf(raw) });
  },
};

/** Adds the URL of the request as a query parameter, unless the sign-in URL already has a value for that parameter. */
export function withReturn({ pieces, parameters }: SignInUrl, parameter: string): Pieces {
  if (parameters.has(parameter)) return pieces;
  const separator = pieces.some((piece) => piece.includes('?')) ? '&' : '?';
  return [...pieces, `${separator}${parameter}=`, '$scheme', '://', '$http_host', '$escaped_request_uri'];
}

/** The name of a query parameter. */
export const parameterName: Parser<string> = {
  accepts: 'letters, digits and ._~-',
  parse: (raw) => (/^[A-Za-z0-9._~-]+$/.test(raw) ? accept(raw) : reject('is not the name of a parameter')),
};

/** The value of the header X-Auth-Request-Redirect. */
export const redirectText: Parser<string> = {
  accepts: 'a URL or a path, of letters, digits and - . _ ~ : / , ? & =',
  parse: (raw) => {
    const text = raw.replaceAll(' ', '');
    const tooLong = notOneWord(text);
    if (tooLong !== undefined) return reject(tooLong);
    return /^[A-Za-z0-9._~:/,?&=-]+$/.test(text) ? accept(text) : reject('contains a character that is not allowed');
  },
};
