/**
 * A route: how the workers answer on one location. Its fields are described here and nowhere else. The types below, what
 * NGINX's workers check and decode (nginx/lua/tidegate/shapes/route_fields.lua) and the table of docs/live-data.md are made
 * of these descriptions; `npm run generate` writes the last two.
 */
import type { LiveAuthRequest, LiveExternalAuth } from './live-external-auth.ts';
import type { LiveSnippet } from './live-snippet.ts';
import type { LiveSources } from './live-sources.ts';
import type {
  Balance,
  LiveAffinity,
  LiveCanary,
  LiveClientCertificate,
  LiveCors,
  LiveHashBy,
  LiveMirror,
  LiveRedirect,
  LiveRewrite,
  ResponseHeader,
} from './live.ts';
import {
  BACKEND_KEY,
  checked,
  FLAG,
  HOST_NAME,
  oneOf,
  orNull,
  part,
  PATH,
  PRINTABLE,
  TEXT,
  TIMEOUTS,
  whole,
  type Shape,
} from './route-shape.ts';

/** One field. */
export interface FieldOfRoute {
  readonly shape: Shape<unknown>;
  readonly about: string;
  /** Every route has it. Another field is left out where there is nothing to say. */
  readonly required?: true;
  /** An annotation may fill it in (`route` of a LocationContribution). */
  readonly feature?: true;
  /** It says something of one path alone, or is short: nothing is gained by sharing its value with other routes. */
  readonly ofOnePath?: true;
  /**
   * A request may end here, before the backend is chosen, unless the value is `except`, or where its decoded form has
   * no `where`.
   */
  readonly early?: true | { readonly except: string } | { readonly where: string };
  /**
   * Fields of Lua's table that nginx/lua/tidegate/shapes/route.lua makes of it. Without, the table has the value, or its
   * decoded form, under the same name in snake_case, and false where the route has none.
   */
  readonly becomes?: readonly string[];
}

export const ROUTE_FIELDS = {
  backend: {
    shape: orNull(BACKEND_KEY),
    about: 'Key of the backend without its `b:`; null answers the built-in 404.',
    required: true,
    ofOnePath: true,
    becomes: ['backend', 'upstream_name'],
  },
  ingress: {
    shape: PRINTABLE,
    about: '`namespace/name` of the Ingress, empty for the built-in default.',
    required: true,
    ofOnePath: true,
  },
  path: {
    shape: TEXT,
    about: 'Path as written in the Ingress.',
    required: true,
    ofOnePath: true,
    becomes: [],
  },
  tlsRedirect: {
    shape: oneOf('never', 'always', 'named'),
    about: 'Which plain-HTTP requests are redirected to HTTPS; `named`: those whose host has a certificate of its own.',
    required: true,
    ofOnePath: true,
    early: { except: 'never' },
  },
  tries: {
    shape: whole(1, 1_000_000, 3),
    about: 'Tries in all, the first included.',
    required: true,
    feature: true,
  },
  balance: {
    shape: checked<Balance>('balance.reason', '`round_robin`, `ewma`, `least_conn`, `random`', 'round_robin', 'sticky'),
    about: 'How the endpoint of the first try is chosen.',
    required: true,
    feature: true,
    becomes: ['choose', 'timed', 'measured'],
  },
  deny: {
    shape: whole(400, 599, 503),
    about: 'Status to answer instead of proxying (503 for what must not be served).',
    feature: true,
    early: true,
  },
  clientCertificate: {
    shape: part<LiveClientCertificate>('client_certificate', 'LiveClientCertificate', { plain: true }, { plain: 'no' }),
    about: 'The clients of the host present certificates.',
    feature: true,
    early: true,
  },
  appRoot: { shape: PATH, about: '`/` of the host is answered with 302 to this path.', early: true },
  slashRedirect: {
    shape: PATH,
    about: 'A request for exactly this URI is answered 301 to itself plus `/`.',
    ofOnePath: true,
    early: true,
  },
  redirect: {
    shape: part<LiveRedirect>('redirect', 'LiveRedirect', { to: '/a', code: 301 }, { to: 'a', code: 301 }),
    about: 'Every request is answered with this instead of being proxied.',
    feature: true,
    early: true,
  },
  hostRedirect: { shape: HOST_NAME, about: 'Every request is sent to the same URI of this host.', early: true },
  keepSlash: { shape: FLAG, about: 'Redirects to HTTPS keep the slash at the end of the path.', feature: true },
  redirectPort: {
    shape: oneOf('always', 'never'),
    about: "Port in redirects that are built from the request's host; without, the one that clients need.",
    feature: true,
  },
  rewrite: {
    shape: part<LiveRewrite>('rewrite', 'LiveRewrite', { pattern: '/a', target: ['/b'] }, { pattern: '(', target: [] }),
    about: 'Another path for the backend, or a redirect.',
    early: { where: 'origin' },
  },
  snippet: {
    shape: part<LiveSnippet>(
      'snippet',
      'LiveSnippet',
      { location: { steps: [{ stop: true }] } },
      { location: { rules: [] } },
    ),
    about: 'Scripts of the host and of the path.',
    feature: true,
    early: true,
  },
  sources: {
    shape: part<LiveSources>(
      'sources',
      'LiveSources',
      { ipv4: '00000000a', ipv6: `${'0'.repeat(32)}a`, unix: 'a' },
      { ipv4: '', ipv6: '', unix: 'a' },
    ),
    about: 'Who may come, by address; nginx.conf says where it is looked at.',
    feature: true,
  },
  upstreamHost: {
    shape: checked<string>('upstream_headers.host_reason', 'host with `$host` in it', 'a.$host:8080', 'a b'),
    about: "Host header for the backend in place of the client's; `$host` is the client's host without port.",
    feature: true,
    becomes: ['upstream_headers'],
  },
  connection: {
    shape: oneOf('close', 'keep-alive'),
    about: 'Connection header for the backend, whatever the client asked for.',
    feature: true,
    becomes: ['upstream_headers'],
  },
  fallback: {
    shape: BACKEND_KEY,
    about: 'Key of the backend, without its `b:`, that answers where `backend` has no endpoints.',
    ofOnePath: true,
    becomes: ['fallback'],
  },
  errorsToFallback: {
    shape: FLAG,
    about:
      'Intercepted errors go to `fallback`, too, while it has endpoints, and else to the default backend of the settings.',
    becomes: ['errors_to_fallback'],
  },
  responseHeaders: {
    shape: checked<readonly ResponseHeader[]>(
      'response_headers.reason',
      'list of `ResponseHeader`',
      [['X-A', 'a']],
      [],
    ),
    about: "Headers that answers get whatever their status, in place of the backend's.",
    feature: true,
  },
  addedHeaders: {
    shape: checked<readonly ResponseHeader[]>(
      'response_headers.reason',
      'list of `ResponseHeader`',
      [['X-A', 'a']],
      [],
    ),
    about: "Headers that answers get beside the backend's.",
    feature: true,
  },
  removedHeaders: {
    shape: checked<readonly string[]>('response_headers.names_reason', 'list of names', ['X-A'], ['X A']),
    about: 'Headers that answers lose, those of the settings too.',
    feature: true,
  },
  cors: {
    shape: part<LiveCors>(
      'cors',
      'LiveCors',
      { methods: 'GET', headers: 'X-A', maxAge: 1 },
      { methods: 'GET', headers: 'X-A', maxAge: -2 },
    ),
    about: 'Cross-origin requests: OPTIONS is answered 204, and browsers are told who may read the answers.',
    feature: true,
    early: true,
  },
  timeouts: {
    shape: TIMEOUTS,
    about: 'To connect, to send and to read; without, those of nginx.conf.',
    feature: true,
    becomes: ['connect_timeout', 'send_timeout', 'read_timeout'],
  },
  affinity: {
    shape: part<LiveAffinity>('affinity', 'LiveAffinity', { cookie: 'A' }, { cookie: '' }),
    about: 'Clients stay with an endpoint; goes before `hashBy`.',
    feature: true,
    becomes: ['affinity', 'sticky'],
  },
  hashBy: {
    shape: part<LiveHashBy>('hash_by', 'LiveHashBy', { pieces: ['$uri'] }, { pieces: [] }),
    about: 'Requests with the same text go to the same endpoint.',
    feature: true,
    becomes: ['hash_by', 'sticky'],
  },
  mirror: {
    shape: part<LiveMirror>('mirror', 'LiveMirror', { host: 'a', uri: ['/'] }, { host: 'a', uri: ['/\n'] }),
    about: 'The route is that of copies, and no client gets its answers.',
  },
  externalAuth: {
    shape: part<LiveExternalAuth>('external_auth', 'LiveExternalAuth', { cookies: 'some' }, {}),
    about: 'A service decides about requests before they go to the backend.',
    early: true,
  },
  authRequest: {
    shape: part<LiveAuthRequest>(
      'auth_request',
      'LiveAuthRequest',
      { host: 'a', uri: ['/'] },
      { host: 'a', uri: [''] },
    ),
    about: 'The route is that of the subrequests to such a service.',
  },
  canaries: {
    shape: checked<readonly LiveCanary[]>(
      'canary.reason',
      'list of `LiveCanary`',
      [{ backend: 'shop/beta/80', balance: 'round_robin', weight: 1, total: 10 }],
      [{ backend: 'shop/beta/80', balance: 'round_robin', weight: 11, total: 10 }],
    ),
    about: 'Who takes a part of the requests, oldest first. A request that none of them takes goes to `backend`.',
    becomes: ['canaries'],
  },
} as const satisfies Readonly<Record<string, FieldOfRoute>>;

type Fields = typeof ROUTE_FIELDS;
type Name = keyof Fields;
type NamesWith<Mark> = { [N in Name]: Fields[N] extends Mark ? N : never }[Name];
type ValueOf<N extends Name> = Fields[N]['shape'] extends Shape<infer T> ? T : never;
type Required = { readonly [N in NamesWith<{ required: true }>]: ValueOf<N> };
type Optional = { readonly [N in Exclude<Name, keyof Required>]?: ValueOf<N> };

export interface LiveRoute extends Required, Optional {}

/** Fields that features fill in; the later feature wins, in `responseHeaders` for each header. */
export type RouteField = NamesWith<{ feature: true }>;
