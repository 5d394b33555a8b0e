/**
 * A route: live data that tells NGINX's workers how to answer requests in one location. Its fields are described only
 * here. Three things are made from these descriptions: the types below, the code with which the workers check and
 * decode a route (nginx/lua/tidegate/shapes/route_fields.lua), and the table in docs/live-data.md. `npm run generate`
 * writes the last two.
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

/** The description of a field. */
export interface FieldOfRoute {
  readonly shape: Shape<unknown>;
  readonly about: string;
  /** Whether every route has the field. Other fields are omitted when they have no value. */
  readonly required?: true;
  /** Whether an annotation may set the field (`route` of a LocationContribution). */
  readonly feature?: true;
  /**
   * Whether the value belongs to one path only, or is short. Routes do not share such values, because that would save
   * no memory.
   */
  readonly ofOnePath?: true;
  /**
   * Set if the field can cause a request to be answered before a backend is chosen. It does not if the value is
   * `except`, or if the decoded value has no field `where`.
   */
  readonly early?: true | { readonly except: string } | { readonly where: string };
  /**
   * Set if `request/response_headers.lua` reads the field, so that the location needs a header filter in nginx.conf.
   * `true`: always. `depends`: only for some values, which model/host/locations/host-locations.ts examines.
   */
  readonly response?: true | 'depends';
  /**
   * Fields of the decoded route that nginx/lua/tidegate/shapes/route.lua computes from this field. By default, the
   * decoded route has a field with the same name in snake_case, which contains the value or its decoded form, or false
   * if the route lacks the field.
   */
  readonly becomes?: readonly string[];
}

export const ROUTE_FIELDS = {
  backend: {
    shape: orNull(BACKEND_KEY),
    about: 'Key of the backend without its `b:`; null for the built-in 404 response.',
    required: true,
    ofOnePath: true,
    becomes: ['backend', 'upstream_name'],
  },
  ingress: {
    shape: PRINTABLE,
    about: '`namespace/name` of the Ingress, empty for the built-in default route.',
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
    about: 'Which plain-HTTP requests are redirected to HTTPS; `named`: those to a host with its own certificate.',
    required: true,
    ofOnePath: true,
    early: { except: 'never' },
  },
  tries: {
    shape: whole(1, 1_000_000, 3),
    about: 'Maximum number of attempts, including the first.',
    required: true,
    feature: true,
  },
  balance: {
    shape: checked<Balance>('balance.reason', '`round_robin`, `ewma`, `least_conn`, `random`', 'round_robin', 'sticky'),
    about: 'How the endpoint of the first attempt is chosen.',
    required: true,
    feature: true,
    becomes: ['choose', 'timed', 'measured'],
  },
  deny: {
    shape: whole(400, 599, 503),
    about:
      'Status with which every request is answered instead of being proxied (503 for a path that must not be served).',
    feature: true,
    early: true,
  },
  closedBy: {
    shape: PRINTABLE,
    about: 'Why the path has `deny`: the word after `closed:` in docs/reasons.md.',
    feature: true,
  },
  passedThrough: {
    shape: FLAG,
    about:
      'TLS connections for the host go to its backend undecrypted. A request over a TLS connection that was made for ' +
      'another name gets 421.',
    feature: true,
    early: true,
  },
  clientCertificate: {
    shape: part<LiveClientCertificate>('client_certificate', 'LiveClientCertificate', { plain: true }, { plain: 'no' }),
    about: 'Clients of the host must present a certificate.',
    feature: true,
    early: true,
  },
  appRoot: { shape: PATH, about: 'Requests for `/` of the host are redirected to this path (302).', early: true },
  slashRedirect: {
    shape: PATH,
    about: 'A request for exactly this URI is redirected (301) to the URI plus `/`.',
    ofOnePath: true,
    early: true,
  },
  redirect: {
    shape: part<LiveRedirect>('redirect', 'LiveRedirect', { to: '/a', code: 301 }, { to: 'a', code: 301 }),
    about: 'Every request is redirected as described instead of being proxied.',
    feature: true,
    early: true,
  },
  hostRedirect: { shape: HOST_NAME, about: 'Every request is redirected to the same URI on this host.', early: true },
  keepSlash: {
    shape: FLAG,
    about: 'Redirects to HTTPS do not remove the slash at the end of the path.',
    feature: true,
  },
  redirectPort: {
    shape: oneOf('always', 'never'),
    about:
      "Whether redirects that are built from the request's host contain a port; by default, only if clients need it.",
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
    about: 'Scripts made from snippets of the host and of the path.',
    feature: true,
    early: true,
    response: 'depends',
  },
  sources: {
    shape: part<LiveSources>(
      'sources',
      'LiveSources',
      { ipv4: '00000000a', ipv6: `${'0'.repeat(32)}a`, unix: 'a' },
      { ipv4: '', ipv6: '', unix: 'a' },
    ),
    about: 'Which client addresses are allowed. The access check that reads this is in nginx.conf.',
    feature: true,
  },
  upstreamHost: {
    shape: checked<string>('upstream_headers.host_reason', 'host that may contain `$host`', 'a.$host:8080', 'a b'),
    about: "Host header that the backend gets instead of the client's; `$host` is the client's host without its port.",
    feature: true,
    becomes: ['upstream_headers'],
  },
  connection: {
    shape: oneOf('close', 'keep-alive'),
    about: 'Connection header that the backend gets, whatever the client sent.',
    feature: true,
    becomes: ['upstream_headers'],
  },
  fallback: {
    shape: BACKEND_KEY,
    about: 'Key of the backend, without its `b:`, that gets the requests when `backend` has no endpoints.',
    ofOnePath: true,
    becomes: ['fallback'],
  },
  errorsToFallback: {
    shape: FLAG,
    about:
      "`fallback` also serves the pages of intercepted errors; while it has no endpoints, the settings' default " +
      'backend does.',
    becomes: ['errors_to_fallback'],
  },
  responseHeaders: {
    shape: checked<readonly ResponseHeader[]>(
      'response_headers.reason',
      'list of `ResponseHeader`',
      [['X-A', 'a']],
      [],
    ),
    about: "Headers that replace the backend's in every response, whatever its status.",
    feature: true,
    response: true,
  },
  addedHeaders: {
    shape: checked<readonly ResponseHeader[]>(
      'response_headers.reason',
      'list of `ResponseHeader`',
      [['X-A', 'a']],
      [],
    ),
    about: 'Headers that are added to those of the backend in every response.',
    feature: true,
    response: true,
  },
  removedHeaders: {
    shape: checked<readonly string[]>('response_headers.names_reason', 'list of names', ['X-A'], ['X A']),
    about: 'Headers that are removed from responses, including those of the settings.',
    feature: true,
    response: true,
  },
  cors: {
    shape: part<LiveCors>(
      'cors',
      'LiveCors',
      { methods: 'GET', headers: 'X-A', maxAge: 1 },
      { methods: 'GET', headers: 'X-A', maxAge: -2 },
    ),
    about:
      'Cross-origin requests: OPTIONS is answered with 204, and headers tell browsers which origins may read ' +
      'responses.',
    feature: true,
    early: true,
    response: true,
  },
  timeouts: {
    shape: TIMEOUTS,
    about: 'Timeouts for connecting, sending and reading; by default, those of nginx.conf.',
    feature: true,
    becomes: ['connect_timeout', 'send_timeout', 'read_timeout'],
  },
  affinity: {
    shape: part<LiveAffinity>('affinity', 'LiveAffinity', { cookie: 'A' }, { cookie: '' }),
    about: 'A cookie binds clients to an endpoint; the cookie takes precedence over `hashBy`.',
    feature: true,
    becomes: ['affinity', 'sticky'],
  },
  hashBy: {
    shape: part<LiveHashBy>('hash_by', 'LiveHashBy', { pieces: ['$uri'] }, { pieces: [] }),
    about: 'Requests with the same hash key go to the same endpoint.',
    feature: true,
    becomes: ['hash_by', 'sticky'],
  },
  mirror: {
    shape: part<LiveMirror>('mirror', 'LiveMirror', { host: 'a', uri: ['/'] }, { host: 'a', uri: ['/\n'] }),
    about: 'The route is for mirrored requests; its responses are discarded.',
  },
  externalAuth: {
    shape: part<LiveExternalAuth>('external_auth', 'LiveExternalAuth', { cookies: 'some' }, {}),
    about: 'A service authorizes requests before they go to the backend.',
    early: true,
    response: 'depends',
  },
  authRequest: {
    shape: part<LiveAuthRequest>(
      'auth_request',
      'LiveAuthRequest',
      { host: 'a', uri: ['/'] },
      { host: 'a', uri: [''] },
    ),
    about: 'The route is for subrequests to an external authentication service.',
  },
  canaries: {
    shape: checked<readonly LiveCanary[]>(
      'canary.reason',
      'list of `LiveCanary`',
      [{ backend: 'shop/beta/80', balance: 'round_robin', weight: 1, total: 10 }],
      [{ backend: 'shop/beta/80', balance: 'round_robin', weight: 11, total: 10 }],
    ),
    about: 'Backends of canaries, oldest first. Requests that are not sent to a canary go to `backend`.',
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

/**
 * Fields that annotations set. If several features set a field, the last one wins; for `responseHeaders`, the last one
 * for each header.
 */
export type RouteField = NamesWith<{ feature: true }>;
