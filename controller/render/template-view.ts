/**
 * The views of the two templates, described for whoever writes his own (`--template-dir`): docs/templates.md comes from
 * this. A name of a view that is missing here, or that is of another kind, does not compile.
 */
import type { confView } from './conf-view.ts';
import type { locationView, serverView } from './server-view.ts';

/** Raised whenever a name of a view goes or means something else. `{{! view N }}` in a template says what it was written for. */
export const VIEW_VERSION = 1;

type Kind<T> = [T] extends [boolean]
  ? 'flag'
  : null extends T
    ? 'optional'
    : T extends readonly unknown[]
      ? 'list'
      : 'value';

/** Name → what it is, and what it says. */
type Described<View> = { readonly [Name in keyof View]-?: readonly [kind: Kind<View[Name]>, about: string] };

export const CONF_VIEW: Described<ReturnType<typeof confView>> = {
  checksum: ['value', 'checksum of the configuration, without comments that name objects'],
  modules: ['list', 'files for load_module'],
  user: ['optional', "the workers' user; null where NGINX does not start as root"],
  snippets: ['value', "the administrator's snippets: main, http, server, location, …"],
  main: ['list', 'directives of the main level: name, args'],
  events: ['list', 'directives of the events block: name, args'],
  http: ['list', 'directives of the http level: name, args'],
  limitRate: ['flag', 'the settings limit the rate of responses'],
  errorLog: ['value', "NGINX's own error log"],
  errors: ['optional', 'error log of the http level: to, level; null turns it off'],
  logged: ['flag', 'requests are logged'],
  accessLog: ['value', 'where to'],
  accessLogParameters: ['list', 'further parameters of access_log'],
  skipped: ['list', 'requests that are not logged, as pairs for a map'],
  logUpstreamName: ['value', '`true` or `false`, for Lua: the log line names the upstream'],
  logTries: ['value', '`true` or `false`, for Lua: the log line has the addresses that were tried'],
  logEscape: ['value', 'escape of log_format'],
  logFormat: ['list', 'the parts of the log format, one word each'],
  luaDirectory: ['value', 'folder with the Lua modules'],
  liveSize: ['value', 'size of the dictionary for live data'],
  liveFile: ['value', 'file with which a new worker begins'],
  statusAllowed: ['list', 'networks that may read the counters'],
  blocks: ['value', '`true` or `false`, for Lua: some requests are refused whatever their location'],
  strictAccess: ['flag', 'access is decided before redirects'],
  proxyProtocol: ['flag', 'connections begin with the PROXY protocol'],
  serverNamesMax: ['value', 'server_names_hash_max_size'],
  serverNamesBucket: ['value', 'server_names_hash_bucket_size'],
  http2Directive: ['flag', 'HTTP/2 is turned on by a directive and not by a parameter of listen'],
  clientAddress: ['optional', "where the client's address comes from; null: the connection"],
  addressList: ['optional', 'the header with a list of addresses, and which peers are trusted: name, from'],
  mapsClient: ['flag', 'blocked networks are looked up by the address of the client'],
  forwarded: ['optional', 'which X-Forwarded-* headers are trusted; null: none'],
  believeForwarded: ['value', '`true` or `false`, for Lua: X-Forwarded-* of the client is trusted'],
  appendForwarded: ['flag', 'the address is appended to X-Forwarded-For'],
  httpPort: ['value', 'port for HTTP'],
  httpsPort: ['value', 'port for TLS'],
  hsts: ['optional', 'value of Strict-Transport-Security on TLS connections'],
  responseHeaders: ['flag', 'the settings set headers of every response'],
  serverTokens: ['value', '`on` or `off`'],
  requestIds: ['flag', 'requests without an id get one'],
  upstreamHeaders: ['list', 'headers that every backend gets: directive, name, value'],
  upstreams: ['list', 'names of the upstream groups that the server blocks use'],
  keepalive: ['optional', 'idle connections to backends: connections, time, timeout, requests; null: none are kept'],
  apiSocket: ['value', "socket of Lua's API"],
  statusPort: ['optional', 'port of /ready; null where there is none'],
  ipv6: ['flag', 'the machine has IPv6'],
  otherAddresses: ['list', 'further addresses to listen on'],
  declarations: ['optional', 'maps, zones and geo blocks that the server blocks refer to, already written'],
  servers: ['value', 'all server blocks, already written'],
};

/** Of one server block. */
export const SERVER_VIEW: Described<ReturnType<typeof serverView>> = {
  whose: ['value', 'a comment: whose host it is'],
  isDefault: ['flag', 'the catch-all host, which all other names get'],
  setByLocations: ['list', 'variables that locations set, so that each exists everywhere'],
  healthz: ['flag', 'the host answers the probes of load balancers'],
  listens: ['list', 'addresses to listen on: address, parameters'],
  certificate: ['value', 'file of the fallback certificate'],
  certificateKey: ['value', 'file of its key'],
  forwarded: ['flag', 'X-Forwarded-* of some clients is trusted'],
  addressList: ['flag', "the client's address comes from a list of addresses"],
  names: ['list', 'names of the host'],
  tls: ['optional', 'directives for TLS: name, args; null where the host has no TLS'],
  directives: ['list', 'directives of the server level: name, args'],
  snippet: ['optional', 'server-snippet of the ConfigMap'],
  repeated: ['value', 'headers that nginx would drop beside those of the snippet: hsts, headers'],
  errorUpstreams: ['list', 'upstream groups of error pages'],
  errorRoute: ['optional', 'route of the error pages'],
  signIn: ['flag', 'some location sends clients to a page for signing in'],
  passesAuth: ['flag', 'some location passes on what an authentication service answers'],
};

/** Of one location of a server block, in its list `locations`. */
export const LOCATION_VIEW: Described<ReturnType<typeof locationView>> = {
  whose: ['value', 'a comment: namespace/Ingress, path, and where its requests go'],
  exact: ['flag', 'the path is matched as a whole'],
  regex: ['flag', 'the path is a regular expression'],
  caseless: ['flag', 'the regular expression ignores case'],
  path: ['value', 'the path, as a word of nginx'],
  addressHeader: ['optional', "the header that the client's address is taken from"],
  route: ['value', 'id under which Lua finds the live data of the location'],
  variables: ['list', 'variables to set: name, value'],
  escapesUri: ['flag', 'something reads $escaped_request_uri'],
  strictAccess: ['flag', 'access is decided before redirects'],
  directives: ['list', 'what annotations came to: name, args. Guards are among them'],
  mirror: ['optional', 'the location sends copies of requests: body'],
  authRequest: ['optional', 'the location asks an authentication service: exchange'],
  upstreamHeaders: ['list', 'headers that the backend gets: directive, name, value'],
  snippet: ['optional', 'location-snippet of the ConfigMap'],
  repeatsHsts: ['flag', 'nginx would drop Strict-Transport-Security beside the headers of the snippet'],
  responseHeaders: ['flag', 'Lua sets headers of the response'],
  passes: ['value', 'how requests are passed on, one of auto, fastcgi, grpc, proxy'],
  scheme: ['value', 'http, https, grpc, …'],
  pool: ['value', 'what the name of the upstream group ends with'],
  fastcgiParams: ['list', 'name, value, ifNotEmpty'],
};
