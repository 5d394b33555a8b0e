/** A service that decides about requests: the location that asks it, and what those do that are guarded by it. */
import { hash as digest } from 'node:crypto';
import {
  type ConfValue,
  integer,
  literal,
  namedLocation,
  size,
  variable,
  withVariables,
  word,
} from '../types/conf-value.ts';
import { type Declaration, declaration } from '../types/declaration.ts';
import { directive, type Directive } from '../types/directive.ts';
import type { LiveAuthRequest, LiveExternalAuth, LiveRoute } from '../types/live.ts';
import type { BackendRef, LocationPlan, Pass } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import type { HeaderChange, UpstreamHeader } from '../types/upstream-headers.ts';
import { backendKey } from './backends.ts';
import { keyOf } from './object-ref.ts';
import { inWordsOf, type PassDirective, passDirective } from './pass-directives.ts';
import type { Settings } from './settings/settings.ts';
import { type CacheTimes, tellsUsersApart } from './values/auth-cache.ts';
import type { AuthUrl } from './values/auth-url.ts';
import { otherSpellings } from './upstream-headers.ts';
import { isHostname } from './values/names.ts';
import type { Pieces } from './values/pieces.ts';
import { backendOf, hostHeader } from './values/service-url.ts';

/** What annotations or settings say of it. */
export interface ExternalAuth {
  readonly url: AuthUrl;
  /** Name of the key that says so, for Problems. */
  readonly source: 'auth-url' | 'global-auth-url';
  /** GET where it is absent. */
  readonly method?: string;
  /** Where 401 sends the client. */
  readonly signIn?: Pieces;
  readonly cookies: LiveExternalAuth['cookies'];
  /** Headers of its answers that the backend gets in place of the client's. */
  readonly responseHeaders: readonly string[];
  /** Headers of its own for the service. */
  readonly requestHeaders: readonly (readonly [name: string, value: ConfValue])[];
  /** Lua asks, which keeps connections whatever is answered, and can pass the answer on. */
  readonly exchange?: {
    readonly connections: number;
    readonly requests: number;
    readonly idle: number;
    readonly passes: boolean;
  };
  /** What a snippet adds to the location that asks. */
  readonly snippet?: {
    readonly directives: readonly Directive[];
    readonly pass: readonly PassDirective[];
    readonly headers: readonly (readonly [name: string, value: ConfValue])[];
  };
  /** Answers are kept. */
  readonly cache?: { readonly key: Pieces; readonly times: CacheTimes };
  /** X-Auth-Request-Redirect; the URI of the request where it is absent. */
  readonly redirect?: string;
}

/** What is around the location that is guarded. */
export interface Guarded {
  readonly host: string;
  readonly owner: ObjectRef;
  readonly pass: readonly PassDirective[];
  readonly timeouts: LiveRoute['timeouts'];
  /** What its backend is told of the client's certificate: the service is told, too. */
  readonly clientHeaders: readonly HeaderChange[];
  /** Those of a snippet may read headers of the answer. */
  readonly directives: readonly Directive[];
  readonly settings: Settings;
}

export interface ExternalAuthPlan {
  /** Of the location that is guarded, before all others. */
  readonly directives: readonly Directive[];
  /** Without its `backend`. */
  readonly guard: LiveExternalAuth;
  readonly backend: BackendRef;
  /** The location that asks. */
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

/** What an answer's size and form may be is as the Ingress says of its backend, as in the retired controller. */
const SHARED: ReadonlySet<PassDirective['suffix']> = new Set([
  'buffer_size',
  'buffers',
  'busy_buffers_size',
  'http_version',
  'max_temp_file_size',
]);

/** Of these NGINX sends none twice to be on the safe side; as a subrequest it would take them for GET. */
const NOT_TWICE: ReadonlySet<string> = new Set(['POST', 'PATCH', 'CONNECT']);

/**
 * What a service might believe if a client said it. The retired controller passes most of it on; X-Forwarded-Proto it
 * takes out, too.
 */
const NOT_FROM_CLIENTS = [
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Prefix',
  'X-Original-Host',
  'X-Original-URI',
  'X-Original-Forwarded-For',
  'X-Original-Forwarded-Host',
  'X-Scheme',
  'Forwarded',
  'ssl-client-cert',
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
  'Proxy',
];

/** Statuses of requests that the service does not let through. */
export const REFUSALS: readonly number[] = [401, 403, 500];

/** What would make an answer about another thing than the request: parts of it, or that nothing changed. */
const CONDITIONS = ['Range', 'If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'];

function hash(value: unknown): string {
  return digest('sha256', JSON.stringify(value), 'hex').slice(0, 16);
}

/** Everything that the service is sent in place of what the client sent; no list of the ConfigMap is added to it. */
function headersFor(
  auth: ExternalAuth,
  { settings, clientHeaders }: Pick<Guarded, 'settings' | 'clientHeaders'>,
): readonly UpstreamHeader[] {
  const forwarded = settings['use-forwarded-headers'];
  const scheme = forwarded ? 'tidegate_scheme' : 'scheme';
  const list = forwarded && settings['compute-full-forwarded-for'];
  const headers: (readonly [string, ConfValue])[] = [
    ...[...NOT_FROM_CLIENTS, ...CONDITIONS, 'Connection', 'Upgrade', 'Content-Length'].map(
      (name) => [name, literal('')] as const,
    ),
    ['Host', variable('tidegate_auth_host')],
    ['X-Request-ID', variable('req_id')],
    ['X-Real-IP', variable('remote_addr')],
    ['X-Forwarded-For', variable(list ? 'tidegate_forwarded_for' : 'remote_addr')],
    ['X-Original-URL', withVariables(`$${scheme}://$tidegate_host$request_uri`)],
    ['X-Original-Method', variable('request_method')],
    ['X-Sent-From', word('nginx-ingress-controller')],
    ['X-Auth-Request-Redirect', auth.redirect === undefined ? variable('request_uri') : literal(auth.redirect)],
    ...(auth.method === undefined
      ? []
      : ([
          ['X-Original-URI', variable('request_uri')],
          ['X-Scheme', variable(scheme)],
        ] as const)),
    ...auth.requestHeaders,
    ...(auth.snippet?.headers ?? []),
    ...clientHeaders.map(([name, value]) => [name, value === 'removed' ? literal('') : value] as const),
  ];
  const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), { name, value }]));
  return [...named.values()];
}

function inVariable(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

/** Variable that a header of the service's answer is kept in; empty where there was no answer, or no such header. */
function answered(header: string): ConfValue {
  return variable(`tidegate_answer_${inVariable(header)}`);
}

/** For the backend, in place of what the client sent, however the client spelt it. */
export function answeredHeaders({ responseHeaders }: ExternalAuth, settings: Settings): readonly HeaderChange[] {
  return responseHeaders.flatMap((name): readonly HeaderChange[] => [
    [name, answered(name)],
    ...otherSpellings(name, settings).map((each) => [each, 'removed'] as const),
  ]);
}

/** What both have, as the snippet says it. */
function withoutRepeated(pass: readonly PassDirective[], snippet: readonly PassDirective[]): readonly PassDirective[] {
  const own = snippet.filter(({ suffix }) => suffix !== 'next_upstream');
  const said = new Set(own.map(({ suffix }) => suffix));
  return [...pass.filter(({ suffix }) => SHARED.has(suffix) && !said.has(suffix)), ...own];
}

function passOf(protocol: Pass['protocol'], host: string): { pass: Pass; directives: readonly Directive[] } {
  if (protocol !== 'https' || !isHostname(host)) return { pass: { protocol, tlsId: '' }, directives: [] };
  const sni = [directive('proxy_ssl_server_name', word('on')), directive('proxy_ssl_name', literal(host))];
  return { pass: { protocol, tlsId: hash(['auth', host]) }, directives: sni };
}

const OF_UPSTREAM = '$upstream_http_';

/** An answer that was kept, or that Lua was given, has no upstream. */
function ofUpstream({ cache, exchange }: ExternalAuth): boolean {
  return cache === undefined && exchange === undefined;
}

/** Variable of NGINX → header of the answer, where a directive of the location reads one. */
function headerRead({ name, args: [, value] }: Directive): string | undefined {
  if (name !== 'auth_request_set' || value?.meaning.startsWith(OF_UPSTREAM) !== true) return undefined;
  return value.meaning.slice(OF_UPSTREAM.length);
}

/** Directives of a location, reading headers of the answer from where they are. */
export function readingAnswers(auth: ExternalAuth, directives: readonly Directive[]): readonly Directive[] {
  if (ofUpstream(auth)) return directives;
  return directives.map((each) => {
    const header = headerRead(each);
    const [variableToSet] = each.args;
    if (header === undefined || variableToSet === undefined) return each;
    return directive('auth_request_set', variableToSet, variable(`sent_http_${header}`));
  });
}

function cacheOf({ cache, responseHeaders }: ExternalAuth, { directives }: Guarded): Pick<LiveAuthRequest, 'cache'> {
  if (cache === undefined) return {};
  const users = cache.key.filter((piece) => piece.startsWith('$') && tellsUsersApart(piece.slice(1)));
  const read = directives.flatMap((each) => headerRead(each)?.replaceAll('_', '-') ?? []);
  const keep = [...new Set([...responseHeaders, 'WWW-Authenticate', ...read])];
  return { cache: { key: cache.key, users, seconds: cache.times, keep } };
}

/** The memory that answers are kept in, of every worker. */
const KEPT = declaration({ name: 'lua_shared_dict', args: [word('tidegate_auth'), size('10m')] });

/** What it refers to outside of its server block. */
export function declarationsFor({ cache }: ExternalAuth): readonly Declaration[] {
  return cache === undefined ? [] : [KEPT];
}

/** The status that the service refuses with leads to where one signs in. */
function toSignIn(auth: ExternalAuth): readonly Directive[] {
  if (auth.signIn === undefined) return [];
  return [directive('error_page', integer(401), literal('='), namedLocation('tidegate_sign_in'))];
}

/** The client gets the answer of the service in place of a refusal: after the one that leads to where one signs in. */
function toAnswer({ exchange }: ExternalAuth): readonly Directive[] {
  if (exchange?.passes !== true) return [];
  return [directive('error_page', ...REFUSALS.map(integer), namedLocation('tidegate_auth_answer'))];
}

/** Text and variables of a value of nginx.conf. */
function piecesOfValue({ meaning }: ConfValue): readonly string[] {
  const parts = meaning.split(/(\$\{\w+\}|\$\w+)/).filter((piece) => piece !== '');
  return parts.map((piece) => piece.replace(/^\$\{(\w+)\}$/, '$$$1'));
}

function exchangeOf(
  auth: ExternalAuth,
  { timeouts, settings }: Guarded,
  headers: readonly UpstreamHeader[],
  target: string,
): Pick<LiveAuthRequest, 'exchange'> {
  const { exchange, method = 'GET', url } = auth;
  if (exchange === undefined) return {};
  const { passes, ...connections } = exchange;
  const seconds = ['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'] as const;
  const [connect = 0, send = 0, read = 0] = seconds.map((name) => settings[name] * 1000);
  return {
    exchange: {
      scheme: url.protocol,
      ...(url.protocol === 'https' && isHostname(target) && { serverName: target }),
      method,
      ...(!NOT_TWICE.has(method) && { again: true as const }),
      ...connections,
      timeouts: timeouts ?? [connect, send, read],
      ...(passes && { passes: true as const }),
      headers: headers.map(({ name, value }) => [name, piecesOfValue(value)]),
    },
  };
}

/** Undefined where the URL is that of the host, and the host is not one name. */
export function planExternalAuth(auth: ExternalAuth, guarded: Guarded): ExternalAuthPlan | undefined {
  const { host, owner, settings } = guarded;
  const target = auth.url.host === '$host' ? host : auth.url.host;
  if (target === '' || target.startsWith('*')) return undefined;
  const { pass, directives: tls } = passOf(auth.url.protocol, target);
  const { method } = auth;
  const once = method !== undefined && NOT_TWICE.has(method);
  const passing = [
    ...withoutRepeated(guarded.pass, auth.snippet?.pass ?? []),
    ...(method === undefined ? [] : [passDirective('method', word(method))]),
    passDirective('next_upstream', ...(once ? [word('off')] : [word('error'), word('timeout')])),
  ];
  const directives = [
    ...inWordsOf(pass.protocol, passing),
    ...(auth.snippet?.directives ?? []),
    ...tls,
    ...(settings['enable-auth-access-log'] ? [directive('log_subrequest', word('on'))] : []),
  ];
  const headers = headersFor(auth, guarded);
  const fixed = [...directives, ...headers].map((each) =>
    'args' in each ? [each.name, ...each.args.map(({ conf }) => conf)] : [each.name, each.value.conf],
  );
  const id = hash([host, 'auth', keyOf(owner), auth.source, pass, fixed, auth.exchange !== undefined]);
  const text = `/_auth-${id}`;
  const backend = backendOf({ host: target, port: auth.url.port });
  const key = backendKey(backend);
  return {
    directives: [
      ...toSignIn(auth),
      ...toAnswer(auth),
      directive('auth_request', literal(text)),
      ...auth.responseHeaders.map((name) =>
        directive(
          'auth_request_set',
          answered(name),
          variable(
            `${auth.cache === undefined && auth.exchange === undefined ? 'upstream' : 'sent'}_http_${inVariable(name)}`,
          ),
        ),
      ),
    ],
    guard: { cookies: auth.cookies, ...(auth.signIn !== undefined && { signIn: auth.signIn }) },
    backend,
    location: {
      match: { kind: 'exact', text },
      directives,
      pass,
      authRequest: { headers, exchange: auth.exchange !== undefined },
      routeId: id,
      owner,
    },
    route: {
      backend: key,
      ingress: keyOf(owner),
      path: '/',
      tlsRedirect: 'never',
      ...(guarded.timeouts !== undefined && { timeouts: guarded.timeouts }),
      tries: once ? 1 : 3,
      balance: 'round_robin',
      authRequest: {
        host: hostHeader(target),
        uri: auth.url.uri,
        ...cacheOf(auth, guarded),
        ...exchangeOf(auth, guarded, headers, target),
      },
    },
  };
}
