/**
 * The views of the two templates, described for authors of custom templates (`--template-dir`); docs/templates.md is
 * generated from this. A name of a view that is missing here, or has another kind, does not compile.
 */
import type { confView } from './conf-view.ts';
import type { locationView, serverView } from './server-view.ts';

/**
 * Raised whenever a name of a view is removed or changes its meaning. `{{! view N }}` in a template names the version
 * it was written for.
 */
export const VIEW_VERSION = 1;

type Kind<T> = [T] extends [boolean]
  ? 'flag'
  : null extends T
    ? 'optional'
    : T extends readonly unknown[]
      ? 'list'
      : 'value';

/** Name → its kind and meaning. */
type Described<View> = { readonly [Name in keyof View]-?: readonly [kind: Kind<View[Name]>, about: string] };

export const CONF_VIEW: Described<ReturnType<typeof confView>> = {
  checksum: ['value', 'checksum of the configuration, without comments that name objects'],
  modules: ['list', 'files for load_module'],
  user: ['optional', "the workers' user; null if NGINX does not start as root"],
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
  liveFile: ['value', 'file that NGINX starts from'],
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
  statusPort: ['optional', 'port of /ready; null if it is disabled'],
  ipv6: ['flag', 'the machine has IPv6'],
  otherAddresses: ['list', 'further addresses to listen on'],
  declarations: ['optional', 'maps, zones and geo blocks that the server blocks refer to, already written'],
  servers: ['value', 'all server blocks, already written'],
};

/** Of one server block. */
export const SERVER_VIEW: Described<ReturnType<typeof serverView>> = {
  whose: ['value', 'a comment: the Ingresses of the host'],
  isDefault: ['flag', 'the catch-all host'],
  setByLocations: ['list', 'variables that locations set, declared so that they exist everywhere'],
  healthz: ['flag', 'the host answers the probes of load balancers'],
  listens: ['list', 'addresses to listen on: address, parameters'],
  certificate: ['value', 'file of the fallback certificate'],
  certificateKey: ['value', 'file of its key'],
  forwarded: ['flag', 'X-Forwarded-* of some clients is trusted'],
  addressList: ['flag', "the client's address comes from a list of addresses"],
  names: ['list', 'names of the host'],
  tls: ['optional', 'directives for TLS: name, args; null if the host has no TLS'],
  directives: ['list', 'directives of the server level: name, args'],
  snippet: ['optional', 'server-snippet of the ConfigMap'],
  repeated: ['value', 'headers that nginx would drop beside those of the snippet: hsts, headers'],
  errorUpstreams: ['list', 'upstream groups of error pages'],
  errorRoute: ['optional', 'route of the error pages'],
  signIn: ['flag', 'some location redirects clients to a sign-in page'],
  passesAuth: ['flag', 'some location passes on the answer of an authentication service'],
};

/** Of one location of a server block, in its list `locations`. */
export const LOCATION_VIEW: Described<ReturnType<typeof locationView>> = {
  whose: ['value', 'a comment: namespace/Ingress, path, and where its requests go'],
  exact: ['flag', 'the path is matched as a whole'],
  regex: ['flag', 'the path is a regular expression'],
  caseless: ['flag', 'the regular expression ignores case'],
  path: ['value', 'the path, as a word of nginx'],
  addressHeader: ['optional', "the header with the client's address"],
  route: ['value', 'id under which Lua finds the live data of the location'],
  variables: ['list', 'variables to set: name, value'],
  escapesUri: ['flag', '$escaped_request_uri is used'],
  strictAccess: ['flag', 'access is decided before redirects'],
  directives: ['list', 'directives from annotations, including guards: name, args'],
  mirror: ['optional', 'the location mirrors requests: body'],
  authRequest: ['optional', 'a subrequest to an authentication service: exchange'],
  upstreamHeaders: ['list', 'headers that the backend gets: directive, name, value'],
  snippet: ['optional', 'location-snippet of the ConfigMap'],
  repeatsHsts: ['flag', 'nginx would drop Strict-Transport-Security beside the headers of the snippet'],
  responseHeaders: ['flag', 'Lua sets headers of the response'],
  passes: ['value', 'how requests are passed on, one of auto, fastcgi, grpc, proxy'],
  scheme: ['value', 'http, https, grpc, …'],
  pool: ['value', "the suffix of the upstream group's name"],
  fastcgiParams: ['list', 'name, value, ifNotEmpty'],
};
