/** Parsers for the targets of mirrored requests. */
import ipaddr from 'ipaddr.js';
import type { BackendRef } from '../../types/plan.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { isHostname } from './names.ts';
import { byName, type Pieces, piecesOf } from './pieces.ts';
import { backendOf, splitUrl } from './service-url.ts';

export interface MirrorUrl {
  readonly protocol: 'http' | 'https';
  /** The host without port and brackets. */
  readonly host: string;
  readonly backend: BackendRef;
  /** Path and query. */
  readonly uri: Pieces;
}

const VARIABLES = byName('request_uri', 'args', 'query_string', 'is_args', 'host', 'scheme');

export const mirrorUrl: Parser<MirrorUrl> = {
  accepts:
    'http:// or https://, a host (a DNS name or an IP address of another machine), an optional port, and optionally ' +
    'a path, which may contain $request_uri, $args, $is_args, $host and $scheme',
  parse: (raw) => {
    const url = splitUrl(raw, 'to which requests may be mirrored');
    if (typeof url === 'string') return reject(url);
    const uri = url.rest === '' ? ['$request_uri'] : piecesOf(url.rest, VARIABLES);
    if (typeof uri === 'string') return reject(uri);
    return accept({ protocol: url.protocol, host: url.host, backend: backendOf(url), uri: withQuery(uri) });
  },
};

/** Adds the query of the request to a target without variables and without a query, as nginx's proxy_pass does. */
function withQuery(uri: Pieces): Pieces {
  return uri.some((piece) => piece.startsWith('$') || piece.includes('?')) ? uri : [...uri, '$is_args', '$args'];
}

/** The Host header of mirrored requests: a host with an optional port, or a variable for the client's Host header. */
export const mirrorHost: Parser<string> = {
  accepts: '$host, $http_host, or a DNS name or IP address with an optional port',
  parse: (raw) => {
    if (raw === '$host' || raw === '$http_host') return accept(raw);
    const [, host = ''] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.exec(raw) ?? [];
    const address = host.startsWith('[') && ipaddr.isValid(host.slice(1, -1));
    return isHostname(host.toLowerCase()) || address ? accept(raw) : reject('is not a host');
  },
};
