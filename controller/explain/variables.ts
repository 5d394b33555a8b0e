/** Values of NGINX's variables for a request, and texts that contain variables. All strings are byte strings. */
import type { LocationPlan } from '../types/plan.ts';
import type { LiveRoute } from '../types/live-route.ts';
import { percentEncode, toBytes } from './bytes.ts';
import { cookieOf, headerOf, type SeenRequest } from './request.ts';

/** The location to which the evaluated string belongs. */
export interface VariablePlace {
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

/**
 * What follows the question mark in the request line, even if the query has been changed since; empty without a query.
 */
function writtenQuery({ target: { written } }: SeenRequest): string {
  const mark = written.indexOf('?');
  return mark < 0 ? '' : written.slice(mark + 1);
}

/** The value, not decoded, of the first argument of the query that has this name. */
function argumentOf(args: string, name: string): string {
  const wanted = `${name.toLowerCase()}=`;
  const found = args.split('&').find((each) => each.toLowerCase().startsWith(wanted));
  return found === undefined ? '' : found.slice(wanted.length);
}

/** Variables whose names begin with a prefix that names their source. The rest of the name has `_` instead of `-`. */
function sourced(name: string, request: SeenRequest): string | undefined {
  const [, source = '', rest = ''] = /^(http|arg|cookie)_(.+)$/.exec(name) ?? [];
  if (source === 'arg') return argumentOf(request.args ?? '', rest);
  if (source === 'cookie') return cookieOf(request.given, rest) ?? '';
  if (source !== 'http') return undefined;
  const found = request.given.headers.find(([each]) => each.toLowerCase().replaceAll('-', '_') === rest);
  return found === undefined ? '' : toBytes(found[1].trim());
}

const OF_REQUEST: Readonly<Record<string, (request: SeenRequest) => string | undefined>> = {
  args: ({ args }) => args ?? '',
  binary_remote_addr: ({ client }) => client,
  content_length: ({ given }) => headerOf(given, 'content-length') ?? '',
  content_type: ({ given }) => headerOf(given, 'content-type') ?? '',
  document_uri: ({ path }) => path,
  host: ({ host }) => host,
  https: ({ given }) => (given.scheme === 'https' ? 'on' : ''),
  is_args: ({ args }) => ((args ?? '') === '' ? '' : '?'),
  query_string: ({ args }) => args ?? '',
  remote_addr: ({ client }) => client,
  request_method: ({ given }) => given.method,
  request_uri: ({ target }) => target.written,
  scheme: ({ given }) => given.scheme,
  server_protocol: ({ given }) => `HTTP/${given.http === '2' ? '2.0' : given.http}`,
  ssl_server_name: ({ given }) => given.sni ?? '',
  tidegate_host: ({ askedHost }) => askedHost,
  best_http_host: ({ askedHost }) => askedHost,
  pass_access_scheme: ({ scheme }) => scheme,
  pass_port: ({ port }) => port,
  pass_server_port: ({ port }) => port,
  the_real_ip: ({ client }) => client,
  uri: ({ path }) => path,
};

/** The value of an NGINX variable; undefined if the manifests and the request do not determine it. */
export function variableOf(name: string, request: SeenRequest, place: VariablePlace): string | undefined {
  const own = OF_REQUEST[name];
  if (own !== undefined) return own(request);
  const set = place.location.variables?.find((each) => each.name.meaning === `$${name}`);
  if (set !== undefined) return toBytes(set.value.meaning.replaceAll('${literal_dollar}', '$'));
  return sourced(name, request);
}

/**
 * The value of a variable in a string that refers to the request as the client sent it, even after the path was
 * rewritten (nginx/lua/tidegate/values/templates.lua).
 */
function templateValue(name: string, request: SeenRequest): string | undefined {
  const query = writtenQuery(request);
  switch (name) {
    case '$args':
      return query;
    case '$is_args':
      return query === '' ? '' : '?';
    case '$escaped_request_uri':
      return percentEncode(request.target.written, /[^A-Za-z0-9\-._~]/g);
    case '$http_host':
      return request.askedHost;
    case '$scheme':
      return request.scheme;
    default:
      return OF_REQUEST[name.slice(1)]?.(request);
  }
}

/** The value of a piece of text; `…` stands for a value that is not known. */
export function pieceText(piece: string, request: SeenRequest): string {
  return piece.startsWith('$') ? (templateValue(piece, request) ?? toBytes('…')) : toBytes(piece);
}

/** The pieces with all values filled in, and with spaces and control characters percent-encoded. */
export function templateText(pieces: readonly string[], request: SeenRequest): string {
  return percentEncode(pieces.map((piece) => pieceText(piece, request)).join(''), /[\0-\x20\x7f]/g);
}
