/**
 * Makes the views of templates/server.hbs from a host of the Plan: plain objects whose leaves are ConfValues and
 * booleans.
 */
import { type ConfValue, filePath, hex, literal, word } from '../types/conf-value.ts';
import type { Directive } from '../types/directive.ts';
import type { HostPlan, LocationPlan, ServerName, StaticPlan } from '../types/plan.ts';
import { withChanges } from '../types/upstream-headers.ts';
import { addsHeaders, readsRoot, repeatedHeaders, withoutSet } from './beside-snippets.ts';
import { fallbackFile } from './fallback-file.ts';
import { fastcgiParams } from './fastcgi-params.ts';
import { listens } from './listens.ts';
import type { RenderOptions } from './options.ts';
import { receivedClientAddress } from './tls-listener.ts';
import { setHeaders } from './upstream-headers.ts';
import { errorUpstreams, poolName } from './upstreams.ts';
import { whoseLocation, whoseServer } from './whose.ts';

export function directiveView(directive: Directive) {
  return { name: word(directive.name), args: directive.args };
}

/**
 * The headers for the backend in a location that changes some of them; empty in other locations, and with FastCGI,
 * which has parameters instead.
 */
function setHeadersOf({ pass, authRequest, upstreamHeaders: changes = [] }: LocationPlan, plan: StaticPlan) {
  if (authRequest !== undefined) return setHeaders('proxy', authRequest.headers);
  if (changes.length === 0 || pass.protocol === 'fastcgi') return [];
  const module = pass.protocol === 'grpc' || pass.protocol === 'grpcs' ? 'grpc' : 'proxy';
  return setHeaders(module, withChanges(plan.upstreamHeaders, changes));
}

/**
 * The headers that a location must set for the backend. If the location-snippet sets headers, all others must be
 * repeated: nginx then does not inherit them.
 */
function besideSnippet(location: LocationPlan, plan: StaticPlan) {
  const own = setHeadersOf(location, plan);
  if (location.mirror !== undefined || location.authRequest !== undefined) return own;
  return withoutSet(plan.snippets.location, own.length > 0 ? own : repeatedHeaders(plan.snippets.location, plan));
}

export function locationView(location: LocationPlan, host: HostPlan, plan: StaticPlan, options: RenderOptions) {
  const { protocol } = location.pass;
  return {
    whose: whoseLocation(location, host),
    exact: location.match.kind === 'exact',
    regex: location.match.kind === 'regex',
    caseless: location.match.literal === undefined,
    path: literal(`${location.match.limit ?? ''}${location.match.text}`),
    addressHeader: receivedClientAddress(plan, options)?.list?.name ?? null,
    route: hex(location.routeId),
    named: protocol !== 'fastcgi' && !readsRoot(plan.snippets.location),
    variables: location.variables ?? [],
    escapesUri: location.escapesUri === true,
    strictAccess: options.strictAccess === true,
    directives: location.directives.map(directiveView),
    mirror: location.mirror === undefined ? null : { body: location.mirror.body },
    authRequest: location.authRequest === undefined ? null : { exchange: location.authRequest.exchange },
    upstreamHeaders: besideSnippet(location, plan),
    snippet: plan.snippets.location,
    repeatsHsts: plan.hsts !== null && addsHeaders(plan.snippets.location),
    repeatsAltSvc: plan.http3 !== null && addsHeaders(plan.snippets.location),
    responseHeaders: location.responseHeaders === true,
    passes: {
      auto: protocol === 'auto_http',
      fastcgi: protocol === 'fastcgi',
      grpc: protocol === 'grpc' || protocol === 'grpcs',
      proxy: protocol === 'http' || protocol === 'https',
    },
    scheme: word(protocol),
    pool: word(poolName(location)),
    fastcgiParams: protocol === 'fastcgi' ? fastcgiParams(location, plan) : [],
  };
}

function serverName(name: ServerName): ConfValue {
  return literal(name.kind === 'regex' ? `~${name.text}` : name.text);
}

/** The view of templates/server.hbs without its locations. Its ports are those that NGINX binds. */
export function serverView(host: HostPlan, plan: StaticPlan, options: RenderOptions) {
  const certificate = filePath(`files/${fallbackFile(options).name}`);
  return {
    whose: whoseServer(host),
    isDefault: host.isDefault,
    setByLocations: plan.setByLocations,
    metrics: options.measures !== undefined,
    healthz: host.healthz === true,
    listens: listens(plan, options, host.isDefault),
    certificate,
    certificateKey: certificate,
    forwarded: plan.forwarded !== null,
    addressList: (receivedClientAddress(plan, options)?.list ?? null) !== null,
    names: host.names.map(serverName),
    tls: host.tls === undefined ? null : host.tls.map(directiveView),
    directives: [...(host.directives ?? []), ...(host.errorPages?.directives ?? [])].map(directiveView),
    snippet: plan.snippets.server,
    repeated: {
      hsts: plan.hsts !== null && addsHeaders(plan.snippets.server),
      altSvc: plan.http3 !== null && addsHeaders(plan.snippets.server),
      headers: withoutSet(plan.snippets.server, repeatedHeaders(plan.snippets.server, plan)),
    },
    errorUpstreams: errorUpstreams(host).map(word),
    errorRoute: host.errorPages?.routeId === undefined ? null : hex(host.errorPages.routeId),
    signIn: host.signIn === true,
    passesAuth: host.passesAuth === true,
  };
}
