/**
 * Plan: what NGINX should do, in NGINX's terms. Changes to `static` need a reload, changes to `live` do not. model/
 * builds Plans, render/ reads them.
 */
import type { ConfTree } from './conf-tree.ts';
import type { ConfValue } from './conf-value.ts';
import type { Declaration } from './declaration.ts';
import type { Directive } from './directive.ts';
import type { InForce } from './last-good.ts';
import type { LiveBackend, LiveCertificate, LivePassthrough, LiveSettings } from './live.ts';
import type { LiveRoute } from './live-route.ts';
import type { ObjectRef, Problem } from './problem.ts';
import type { StreamFiles, StreamPlan } from './stream.ts';
import type { Table } from './table/table.ts';
import type { HeaderChange, UpstreamHeader } from './upstream-headers.ts';

/** How NGINX chooses a location. `text` is the literal path or, for `regex`, the regular expression (PCRE). */
export interface Match {
  readonly kind: 'exact' | 'prefix' | 'regex';
  readonly text: string;
  /**
   * Set if the regular expression only stands for a literal path: this path, which is matched case-sensitively. The
   * order of the regular expressions depends on it.
   */
  readonly literal?: string;
  /**
   * Set if the regular expression stands for an Exact path. It then comes before all others, as an exact match would.
   */
  readonly exact?: true;
  /**
   * The path, as written, that a regular expression was made from. It is the first criterion for the order of the
   * regular expressions.
   */
  readonly path?: string;
  /** The beginning of a regular expression that limits how many steps PCRE may take. */
  readonly limit?: string;
}

/**
 * The protocol of the connection to the backend. Requests share an upstream only if their protocol and `tlsId` are the
 * same. `auto_http` is http or https, whichever the client uses.
 */
export interface Pass {
  readonly protocol: 'http' | 'https' | 'auto_http' | 'grpc' | 'grpcs' | 'fastcgi';
  /**
   * Hash of the TLS settings for connections to the backend; empty without such settings. Only requests with the same
   * `tlsId` share connections.
   */
  readonly tlsId: string;
}

/** A location: how it is matched, its directives, and the id of the route that contains its live data. */
export interface LocationPlan {
  readonly match: Match;
  readonly directives: readonly Directive[];
  readonly pass: Pass;
  /** Set for an internal location that sends mirrored requests, with or without their bodies. */
  readonly mirror?: { readonly body: boolean };
  /**
   * Set for an internal location that sends subrequests to an external authentication service; `headers` are all
   * headers of a subrequest.
   */
  readonly authRequest?: {
    readonly headers: readonly UpstreamHeader[];
    /** Whether Lua, and not NGINX, sends the subrequest. */
    readonly exchange: boolean;
  };
  /** Changes that this location makes to the general `upstreamHeaders`; each name occurs once. */
  readonly upstreamHeaders?: readonly HeaderChange[];
  /** Whether the route changes response headers; the changes are live data. */
  readonly responseHeaders?: true;
  /** Variables that are used in settings and header ConfigMaps, and whose values depend on the location. */
  readonly variables?: readonly LocationVariable[];
  /** Whether a setting uses $escaped_request_uri. */
  readonly escapesUri?: true;
  /** 16 hexadecimal digits: a hash of host, path, path type and everything in this location that is not live data. */
  readonly routeId: string;
  /** The Ingress that the location was made for; undefined for a built-in location. */
  readonly owner: ObjectRef | undefined;
}

/** A variable and its value in a location; `name` includes the dollar sign. */
export interface LocationVariable {
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** A server block. The one with `isDefault` comes first and serves requests for all unknown names. */
export interface HostPlan {
  /** The host as it is written in Ingresses, such as `*.example.com`; empty for the catch-all host. */
  readonly host: string;
  readonly isDefault: boolean;
  /** Names in nginx's order of precedence: first exact names, then regular expressions. */
  readonly names: readonly ServerName[];
  readonly locations: readonly LocationPlan[];
  /** Directives for all locations of the host; a location may override them. */
  readonly directives?: readonly Directive[];
  /** Declarations outside the server block that its directives refer to. */
  readonly declarations?: readonly Declaration[];
  /**
   * Host-specific TLS settings for clients. A server block with such settings has its own OpenSSL context; all other
   * blocks share the context of the default block.
   */
  readonly tls?: readonly Directive[];
  /** Whether `/healthz` and all paths that begin with it answer 200, for load balancers that probe the public ports. */
  readonly healthz?: true;
  /** Set if a backend serves the error pages of this host. */
  readonly errorPages?: ErrorPages;
  /** Whether at least one location redirects clients to a sign-in page. */
  readonly signIn?: true;
  /** Whether at least one location passes response headers of its authentication service to clients. */
  readonly passesAuth?: true;
  readonly routes: ReadonlyMap<string, LiveRoute>;
  readonly owners: readonly ObjectRef[];
}

/** The location that serves error pages; which backend it uses is live data. */
export interface ErrorPages {
  /** Directives at the server level, for errors of locations without such directives of their own. */
  readonly directives: readonly Directive[];
  /**
   * The route for errors that occur before the route of a location is known, for instance because of a Content-Length
   * that is too large. It is set only if there are no `directives` and all locations with their own list of errors have
   * the same `fallback`.
   */
  readonly routeId: string | undefined;
  /**
   * Hexadecimal digits that select the upstream through which the error pages are fetched: one of the upstreams for
   * plain HTTP, which locations use as well.
   */
  readonly poolId: string;
}

export interface ServerName {
  readonly kind: 'exact' | 'regex';
  /** The name, or the regular expression (PCRE) without its `~`. */
  readonly text: string;
}

/**
 * A file that NGINX reads when it loads its configuration; `name` contains the hash of `content`. Files whose names end
 * in `.htpasswd` are readable for workers, which read them for each request.
 */
export interface FilePlan {
  readonly name: string;
  readonly content: string;
}

/** Where the client's address comes from, if it is not the address of the connection's peer. */
export interface ClientAddressPlan {
  /** The name of a header, or `proxy_protocol`. */
  readonly header: ConfValue;
  /** Addresses of peers whose information is trusted. */
  readonly trusted: readonly ConfValue[];
  /**
   * The header `name` is written into each request. It contains the list in the header `from`, followed by the address
   * of the PROXY protocol.
   */
  readonly list: { readonly name: ConfValue; readonly from: ConfValue } | null;
  /**
   * Takes the place of `list` if TLS connections arrive on a socket of NGINX's own with a PROXY protocol header, even
   * though clients and proxies send none; null if no header contains addresses.
   */
  readonly ownList: { readonly name: ConfValue; readonly from: ConfValue } | null;
}

/** The scheme, host and port that the client used; Lua sets variables with them. */
export interface ForwardedPlan {
  /** Whether scheme, host and port are also taken from headers of trusted peers, not only from the PROXY protocol. */
  readonly headers: boolean;
  /** Whether X-Forwarded-For for the backend is the received list, followed by the peer's address. */
  readonly append: boolean;
}

/** The sockets on which NGINX listens. */
export interface ListenPlan {
  /** Whether connections begin with a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** IP addresses, IPv6 without brackets; null for all addresses. */
  readonly addresses: readonly string[] | null;
  /** Whether NGINX also listens on all IPv6 addresses if `addresses` is null. */
  readonly ipv6: boolean;
}

/** Which logs NGINX writes, and where. If `to` is undefined, the default destination is used. */
export interface LogPlan {
  /** Null: there is no access log. */
  readonly access: {
    readonly to: ConfValue | undefined;
    readonly parameters: readonly ConfValue[];
    /** Requests that are not logged: keys of a `map` on $request_uri. */
    readonly skipped: readonly ConfValue[];
  } | null;
  /** The log for errors of requests; null for the log to which NGINX writes its own errors. */
  readonly error: { readonly to: ConfValue | undefined; readonly level: ConfValue } | null;
}

/** Idle connections to endpoints that are kept open. Times are in seconds. */
export interface KeepalivePlan {
  /** Maximum number for each upstream in each worker; with 0, connections are closed after each request. */
  readonly connections: number;
  readonly time: number;
  readonly timeout: number;
  readonly requests: number;
}

/** Directives that the administrator adds to nginx.conf; null if there are none. */
export interface AdminSnippets {
  readonly main: ConfTree | null;
  readonly http: ConfTree | null;
  /** Directives for the server block of every host. */
  readonly server: ConfTree | null;
  /** Directives for the locations of all paths. */
  readonly location: ConfTree | null;
  /** Whether the directives need NGINX's headers-more module. */
  readonly headersMore: boolean;
}

export interface StaticPlan {
  readonly snippets: AdminSnippets;
  readonly main: readonly Directive[];
  readonly events: readonly Directive[];
  readonly http: readonly Directive[];
  readonly declarations: readonly Declaration[];
  readonly logs: LogPlan;
  /** `format` is one string in several words, because nginx does not accept words of 4,096 bytes or more. */
  readonly logFormat: { readonly escape: ConfValue; readonly format: readonly ConfValue[] };
  /** Names of the variables that are used in settings and header ConfigMaps. */
  readonly variables: ReadonlySet<string>;
  /** Variables whose values the log format writes as valid UTF-8. */
  readonly clientTexts: readonly string[];
  /** The items of `variables` that locations set, with their dollar signs. */
  readonly setByLocations: readonly ConfValue[];
  /** Networks from which NGINX's counters may be read on the status port. */
  readonly statusAllowed: readonly ConfValue[];
  /** Whether some requests are rejected, whichever location they are for. */
  readonly blocks: boolean;
  /** Value of Strict-Transport-Security on TLS connections, or null. */
  readonly hsts: ConfValue | null;
  readonly clientAddress: ClientAddressPlan | null;
  readonly forwarded: ForwardedPlan | null;
  readonly listen: ListenPlan;
  /** Whether TLS connections for some hosts are passed to backends without being decrypted. */
  readonly passthrough: boolean;
  readonly keepalive: KeepalivePlan;
  /** Headers that every backend gets instead of the client's headers of the same names. */
  readonly upstreamHeaders: readonly UpstreamHeader[];
  /** Whether the settings change headers of every response; the changes are live data. */
  readonly responseHeaders: boolean;
  /** Whether responses have a header with their reason. */
  readonly exposeReason: boolean;
  /** Whether the Server header contains NGINX's version. */
  readonly serverTokens: boolean;
  /** Whether requests without an ID get one. */
  readonly requestIds: boolean;
  /** Whether the module for brotli must be loaded. */
  readonly brotli: boolean;
  /** Whether clients may use HTTP/2 on the TLS port. */
  readonly http2: boolean;
  /** HTTP/3 on the UDP port with the number of the TLS port; null if NGINX does not serve HTTP/3. */
  readonly http3: Http3Plan | null;
  /** Maximum number of connections of a worker, including those to endpoints. */
  readonly workerConnections: number;
  /** Minimum sizes for nginx's hash table of server names: bytes of a bucket, and number of entries. */
  readonly serverNames: { readonly bucket: number; readonly max: number };
  /** Size of the shared dictionary that the live data needs, in MiB. */
  readonly liveMegabytes: number;
  /**
   * Server blocks, under keys whose order is that of the blocks in nginx.conf; the last word of a key is the first name
   * of the block.
   */
  readonly hosts: Table<HostPlan>;
  readonly files: readonly FilePlan[];
  /** TCP and UDP; null if nothing needs NGINX's stream modules. */
  readonly streams: StreamPlan | null;
}

/** A Service port that a route refers to, with everything that is needed to find its endpoints again. */
export interface BackendRef {
  readonly namespace: string;
  readonly service: string;
  /** As written in the Ingress: a number or a port name. */
  readonly port: number | string;
  /** Whether requests are sent to the Service's own address instead of its endpoints. */
  readonly viaService?: true;
  /**
   * Set if the backend is not a Service: `service` is then a DNS name or an IP address, and `namespace` is a string
   * that cannot be a namespace.
   */
  readonly outside?: true;
  /** Set if the port is a UDP port; otherwise it is a TCP port. */
  readonly udp?: true;
}

export interface Http3Plan {
  /** The value of Alt-Svc that tells clients about HTTP/3. */
  readonly altSvc: ConfValue;
}

export interface LivePlan {
  readonly routes: ReadonlyMap<string, LiveRoute>;
  readonly backends: ReadonlyMap<string, LiveBackend>;
  readonly certificates: ReadonlyMap<string, LiveCertificate>;
  readonly names: ReadonlyMap<string, string>;
  /** Server name (`*.example.com`: one label) → what happens to TLS connections for it; other names are not listed. */
  readonly passthrough: ReadonlyMap<string, LivePassthrough>;
  readonly settings: LiveSettings;
}

export interface Plan {
  readonly static: StaticPlan;
  readonly live: LivePlan;
  /** Files for TCP and UDP connections. */
  readonly streamFiles: StreamFiles;
  /** Ports of TCP and UDP services (`TCP 5432`), including those on which NGINX cannot listen. */
  readonly streamPorts: readonly string[];
  /** Values of the ConfigMap that are in force, as they are written, by their keys. */
  readonly settingTexts: ReadonlyMap<string, string>;
  /** `namespace/name` of a Service → the backends whose endpoints come from it. */
  readonly backendsOfService: ReadonlyMap<string, readonly BackendRef[]>;
  /** Namespace → the maximum number of endpoints of each of its backends; namespaces without a limit are missing. */
  readonly mostEndpoints: ReadonlyMap<string, number>;
  /** `namespace/name` of the Ingresses that this Plan serves. */
  readonly ingresses: ReadonlySet<string>;
  /** DNS names that must be resolved: those of ExternalName Services, URLs and syslog servers. */
  readonly externalNames: readonly string[];
  /** `namespace/name` of every Secret that the Plan depends on, including Secrets that do not exist. */
  readonly secrets: ReadonlySet<string>;
  /** `namespace/name` of the Secrets in the namespace of --wildcard-certificates-namespace that are used. */
  readonly pooledSecrets: ReadonlySet<string>;
  /** `namespace/name` of every ConfigMap that an Ingress refers to, including those that do not exist. */
  readonly configMaps: ReadonlySet<string>;
  /** Objects whose content is in force, whether an Ingress, a setting or a flag refers to them. */
  readonly inForce: readonly InForce[];
}

export interface BuildResult {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}
