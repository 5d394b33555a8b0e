/**
 * Describes the views of the two templates for authors of custom templates (`--template-dir`); docs/templates.md is
 * generated from this file. It does not compile if the description of a name is missing or has the wrong kind.
 */
import type { confView } from './conf-view.ts';
import type { locationView, serverView } from './server-view.ts';

/**
 * Raised whenever a name of a view is removed or changes its meaning. A template contains the version that it was
 * written for, as `{{! view N }}`.
 */
export const VIEW_VERSION = 1;

type Kind<T> = [T] extends [boolean]
  ? 'flag'
  : null extends T
    ? 'optional'
    : T extends readonly unknown[]
      ? 'list'
      : 'value';

/** For each name of a view, its kind and meaning. */
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
  accessLog: ['value', 'where requests are logged'],
  accessLogParameters: ['list', 'other parameters of access_log'],
  skipped: ['list', 'keys of a map on $request_uri: requests that are not logged'],
  logUpstreamName: ['value', 'for Lua: whether the log line names the upstream, `true` or `false`'],
  logTries: ['value', 'for Lua: whether the log line contains the number of tries, `true` or `false`'],
  logUtf8: ['optional', 'for Lua: variables that the log line contains as valid UTF-8'],
  logReason: ['value', 'for Lua: whether the log line contains the reason for the response, `true` or `false`'],
  logEscape: ['value', 'escape of log_format'],
  logFormat: ['list', 'the parts of the log format, one word each'],
  luaDirectory: ['value', 'folder with the Lua modules'],
  liveSize: ['value', 'size of the dictionary for live data'],
  liveFile: ['value', 'file from which NGINX loads live data when it starts'],
  metrics: [
    'optional',
    'what Lua counts: size, measures, hosts, and for TCP and UDP `sessions` (path, bounds); null if metrics are off',
  ],
  statusAllowed: ['list', 'networks that may read the counters'],
  blocks: ['value', 'for Lua: whether some requests are rejected, whichever location they are for, `true` or `false`'],
  strictAccess: ['flag', 'access rules apply before redirects'],
  proxyProtocol: ['flag', 'connections begin with the PROXY protocol'],
  serverNamesMax: ['value', 'server_names_hash_max_size'],
  serverNamesBucket: ['value', 'server_names_hash_bucket_size'],
  http2Directive: ['flag', 'HTTP/2 is turned on by a directive and not by a parameter of listen'],
  http3: [
    'optional',
    'altSvc: value of Alt-Svc; port; hostKey: a file; hostPort: for the Host header; null: HTTP/3 is off',
  ],
  clientAddress: ['optional', "where the client's address comes from; null if it is that of the connection"],
  addressList: ['optional', '`name`: the header with a list of addresses; `from`: the peers that are trusted'],
  mapsClient: ['flag', 'a map sets $tidegate_client, the address by which blocked networks are looked up'],
  peer: ['value', "the variable with the address of the connection's peer, a client or a proxy"],
  proxiesTls: ['flag', 'TLS connections arrive on a socket with a PROXY protocol header of NGINX itself'],
  judgesPeers: ['flag', '$tidegate_trusted says whether the peer is a trusted proxy'],
  trustedNetworks: ['list', 'networks of trusted proxies'],
  forwarded: ['optional', 'set if Lua determines the scheme, host and port that the client used; null otherwise'],
  believeForwarded: ['value', 'for Lua: whether X-Forwarded-* of the client is trusted, `true` or `false`'],
  appendForwarded: ['flag', 'backends get the received X-Forwarded-For with the address of the peer appended'],
  httpPort: ['value', 'HTTP port that clients use'],
  httpsPort: ['value', 'HTTPS port that clients use'],
  hsts: ['optional', 'value of Strict-Transport-Security on TLS connections'],
  responseHeaders: ['flag', 'the settings change headers of every response'],
  exposeReason: ['flag', 'responses have a header with their reason'],
  serverTokens: ['value', '`on` or `off`'],
  requestIds: ['flag', 'requests without an ID get one'],
  upstreamHeaders: ['list', 'headers that every backend gets: directive, name, value'],
  upstreams: ['list', 'names of the upstreams that the server blocks use'],
  keepalive: ['optional', 'idle connections: connections, time, timeout, requests; null if they are not kept'],
  apiSocket: ['value', "socket of Lua's API"],
  statusPort: ['optional', 'port of /ready; null if it is disabled'],
  ipv6: ['flag', 'the machine has IPv6'],
  otherAddresses: ['list', 'addresses that are bound only to reject connections: address, parameters'],
  declarations: ['optional', 'maps, zones and geo blocks that the server blocks refer to, already rendered'],
  streams: ['optional', 'the stream block for TCP and UDP, already rendered'],
  servers: ['value', 'all server blocks, already rendered'],
};

/** The view of one server block. */
export const SERVER_VIEW: Described<ReturnType<typeof serverView>> = {
  whose: ['value', 'a comment: the Ingresses of the host'],
  isDefault: ['flag', 'the catch-all host'],
  setByLocations: ['list', 'variables that locations set, declared so that they exist everywhere'],
  metrics: ['flag', 'Lua counts requests'],
  healthz: ['flag', 'the host answers the probes of load balancers'],
  listens: ['list', 'addresses to listen on: address, parameters'],
  certificate: ['value', 'file of the fallback certificate'],
  certificateKey: ['value', 'file of the key of the fallback certificate'],
  forwarded: ['flag', 'X-Forwarded-* of some clients is trusted'],
  addressList: ['flag', "the client's address comes from a list of addresses"],
  names: ['list', 'names of the host'],
  tls: ['optional', 'directives for TLS: name, args; null if the host has no TLS'],
  directives: ['list', 'directives of the server level: name, args'],
  snippet: ['optional', 'server-snippet of the ConfigMap'],
  repeated: ['value', 'headers that nginx would not inherit because the snippet sets headers: hsts, altSvc, headers'],
  errorUpstreams: ['list', 'upstream of the error pages; empty if there are no error pages'],
  errorRoute: ['optional', 'route for errors that occur before the route of a location is known'],
  signIn: ['flag', 'a location of the host redirects clients to a sign-in page'],
  passesAuth: ['flag', 'a location of the host passes the response of an authentication service to clients'],
};

/** The view of one location, an item of the list `locations` in the view of a server block. */
export const LOCATION_VIEW: Described<ReturnType<typeof locationView>> = {
  whose: ['value', 'a comment: namespace/Ingress, path, and where its requests go'],
  exact: ['flag', 'only requests for exactly this path match'],
  regex: ['flag', 'the path is a regular expression'],
  caseless: ['flag', 'the regular expression ignores case'],
  path: ['value', 'the path or regular expression'],
  addressHeader: ['optional', "the header with the client's address"],
  route: ['value', 'ID under which Lua finds the live data of the location'],
  named: ['flag', 'the root of the location contains the ID of its route; no file is served from there'],
  variables: ['list', 'variables to set: name, value'],
  escapesUri: ['flag', 'the variable $escaped_request_uri is needed'],
  strictAccess: ['flag', 'access rules apply before redirects'],
  directives: ['list', 'directives from annotations, including guards: name, args'],
  mirror: ['optional', 'the location sends mirrored requests: body'],
  authRequest: ['optional', 'the location sends subrequests to an authentication service: exchange'],
  upstreamHeaders: ['list', 'headers that the backend gets: directive, name, value'],
  snippet: ['optional', 'location-snippet of the ConfigMap'],
  repeatsHsts: ['flag', 'Strict-Transport-Security is repeated, because the snippet sets headers'],
  repeatsAltSvc: ['flag', 'Alt-Svc is repeated, because the snippet sets headers'],
  responseHeaders: ['flag', 'Lua sets headers of the response'],
  passes: ['value', 'how requests are passed on, one of auto, fastcgi, grpc, proxy'],
  scheme: ['value', 'http, https, grpc, …'],
  pool: ['value', 'the end of the name of the upstream, after the scheme'],
  fastcgiParams: ['list', 'parameters for FastCGI: name, value, ifNotEmpty'],
};
