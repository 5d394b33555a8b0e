/** The redirects of a route, as nginx/lua/tidegate/request/early_answer.lua computes them. */
import type { LivePlan } from '../types/plan.ts';
import type { LiveRedirect } from '../types/live.ts';
import type { LiveRoute } from '../types/live-route.ts';
import { fromBytes, percentEncode, toBytes } from './bytes.ts';
import type { NginxAnswer } from './course.ts';
import type { SeenRequest } from './request.ts';
import { pieceText } from './variables.ts';

/** Scheme, host and port of the URL that the client requested. */
export function originOf({ scheme, askedHost }: SeenRequest): string {
  return `${scheme}://${askedHost}`;
}

/** A redirect, or 508 if it leads to the requested URL itself. */
export function elsewhere(request: SeenRequest, location: string, status: number, reason: string): NginxAnswer {
  return location === `${originOf(request)}${request.target.written}`
    ? { status: 508, reason: 'redirect-loop' }
    : { status, location, reason };
}

const NOT_IN_PATH = /[\0-\x20"#%<>?\\\x7f-\xff]/g;
const NOT_IN_URL = /[\0-\x20"<>\\\x7f-\xff]/g;
const NOT_IN_HOST = /[^A-Za-z0-9.\-_:[\]]/g;

/** Computes the URL as values/redirect_target.lua does. */
function expandTarget(to: string, rest: readonly string[], request: SeenRequest): string {
  const value = (piece: string): string =>
    piece === '$uri' ? percentEncode(request.path, NOT_IN_PATH) : pieceText(piece, request);
  const text = percentEncode(rest.map(value).join(''), NOT_IN_URL);
  if (to.startsWith('/')) return `${toBytes(to)}${text}`.replace(/^\/+/, '/');
  const path = text !== '' && !/^[/?]/.test(text) ? `/${text}` : text;
  const host = percentEncode(request.host, NOT_IN_HOST);
  const start = toBytes(to)
    .replace(/^\$scheme/, request.scheme)
    .replace('$host', () => host);
  return `${start}${path}`;
}

/** The redirect of permanent-redirect and temporal-redirect. */
export function toTarget(redirect: LiveRedirect, { redirectPort }: LiveRoute, request: SeenRequest): NginxAnswer {
  const { to, rest, code, relative, by = 'permanent-redirect' } = redirect;
  const target = rest === undefined ? toBytes(to) : expandTarget(to, rest, request);
  const fromRoot = to.startsWith('/') && relative !== true;
  const own = redirectPort === 'never' ? originOf(request).replace(/:\d*$/, '') : originOf(request);
  const location = fromRoot ? `${own}${target}` : target;
  const reason = `redirect:${by}`;
  return rest === undefined ? { status: code, location, reason } : elsewhere(request, location, code, reason);
}

/** The URI as the client sent it. If it has no query, a slash at its end is removed unless `keepSlash` is true. */
function targetUri({ target: { written } }: SeenRequest, keepSlash: boolean): string {
  const uri = written.startsWith('/') ? written : '/';
  return !keepSlash && uri.endsWith('/') && !uri.includes('?') ? uri.slice(0, -1) : uri;
}

/** The key of the certificate for a host; undefined if the host has only the default certificate. */
export function certificateOf({ names }: Pick<LivePlan, 'names'>, host: string): string | undefined {
  const dot = host.indexOf('.');
  const name = fromBytes(host);
  return names.get(name) ?? (dot < 0 ? undefined : names.get(`*${name.slice(dot)}`));
}

/** The redirect to HTTPS, or undefined if the request needs none. */
export function toTls(route: LiveRoute, request: SeenRequest, live: LivePlan): NginxAnswer | undefined {
  const { tlsRedirect, redirectPort, keepSlash } = route;
  if (request.scheme === 'https' || tlsRedirect === 'never') return undefined;
  if (tlsRedirect === 'named' && (request.host === '_' || certificateOf(live, request.host) === undefined))
    return undefined;
  const { httpsPort, redirectCode, forwarded } = live.settings;
  const host = forwarded ? request.askedHost.replace(/:\d*$/, '') : request.host;
  const port = redirectPort === 'never' || (redirectPort === undefined && httpsPort === 443) ? '' : `:${httpsPort}`;
  return {
    status: redirectCode,
    location: `https://${host}${port}${targetUri(request, keepSlash === true)}`,
    reason: 'redirect:ssl-redirect',
  };
}

const USUAL_PORTS = { http: '80', https: '443' };

/** The redirect to another host with the same URI (from-to-www-redirect). */
export function toHost(host: string, request: SeenRequest, { settings }: LivePlan): NginxAnswer {
  const { scheme, port } = request;
  const shown = port === '' || port === USUAL_PORTS[scheme] ? '' : `:${port}`;
  return {
    status: settings.redirectCode,
    location: `${scheme}://${host}${shown}${targetUri(request, true)}`,
    reason: 'redirect:from-to-www-redirect',
  };
}

/** The redirect to the same path with a slash at its end. */
export function toSlash(path: string, { args }: SeenRequest): NginxAnswer {
  const escaped = percentEncode(toBytes(path), /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g);
  return { status: 301, location: `${escaped}/${args === undefined ? '' : `?${args}`}`, reason: 'redirect:slash' };
}
