/** Where the authorization service is, and where clients go to sign in. */
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { byName, type Pieces, piecesOf } from './pieces.ts';
import { type ServiceUrl, splitUrl } from './service-url.ts';

/** `host` is `$host` if it is the host of the Ingress's rule. */
export interface AuthUrl extends Pick<ServiceUrl, 'protocol' | 'host' | 'port'> {
  /** Path and query. */
  readonly uri: Pieces;
}

/** Names of variables in ingress-nginx → those of NGINX or Tidegate. */
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
    'http:// or https://, a DNS name, an IP address of another machine or $host, an optional port, and a path with ' +
    `${SOME} or $remote_addr`,
  parse: (raw) => {
    const url = splitUrl(raw, 'may be asked', true);
    if (typeof url === 'string') return reject(url);
    const uri = piecesOf(url.rest === '' ? '/' : url.rest, VARIABLES);
    if (typeof uri === 'string') return reject(uri);
    return accept({ protocol: url.protocol, host: url.host, port: url.port, uri });
  },
};

export interface SignInUrl {
  readonly pieces: Pieces;
  /** Parameters of its query that have a value. */
  readonly parameters: ReadonlySet<string>;
}

const ORIGIN =
  /^(https?|\$\{?(scheme|pass_access_scheme)\b\}?):\/\/(([A-Za-z0-9.-]|\$\{?(host|http_host|best_http_host)\b\}?)+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?([/?]|$)/;

function parametersOf(raw: string): ReadonlySet<string> {
  const query = raw.includes('?') ? raw.slice(raw.indexOf('?') + 1) : '';
  return new Set(query.split('&').flatMap((pair) => /^([^=]+)=./.exec(pair)?.[1] ?? []));
}

/** A URL, or a path on the request's own host. */
export const signInUrl: Parser<SignInUrl> = {
  accepts: `a URL with http:// or https://, or a path, with ${SOME} or $remote_addr`,
  parse: (raw) => {
    if (!ORIGIN.test(raw) && !/^\/(?![/$])/.test(raw)) return reject('is neither the URL of a host nor a path');
    const written = piecesOf(raw, VARIABLES);
    if (typeof written === 'string') return reject(written);
    const pieces = raw.startsWith('/') ? ['$scheme', '://', '$http_host', ...written] : written;
    return accept({ pieces, parameters: parametersOf(raw) });
  },
};

/** Adds the URL of the request as a parameter, unless the URL already has a value for it. */
export function withReturn({ pieces, parameters }: SignInUrl, parameter: string): Pieces {
  if (parameters.has(parameter)) return pieces;
  const separator = pieces.some((piece) => piece.includes('?')) ? '&' : '?';
  return [...pieces, `${separator}${parameter}=`, '$scheme', '://', '$http_host', '$escaped_request_uri'];
}

/** Name of a parameter of a query. */
export const parameterName: Parser<string> = {
  accepts: 'letters, digits and ._~-',
  parse: (raw) => (/^[A-Za-z0-9._~-]+$/.test(raw) ? accept(raw) : reject('is not the name of a parameter')),
};

/** Value of X-Auth-Request-Redirect. */
export const redirectText: Parser<string> = {
  accepts: 'a URL or a path of letters, digits and . _ ~ : / , ? & = -',
  parse: (raw) => {
    const text = raw.replaceAll(' ', '');
    const tooLong = notOneWord(text);
    if (tooLong !== undefined) return reject(tooLong);
    return /^[A-Za-z0-9._~:/,?&=-]+$/.test(text) ? accept(text) : reject('contains a character that is not allowed');
  },
};
