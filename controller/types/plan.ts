/**
 * Plan: what NGINX should do, in its own terms. It has two parts: `static` needs a reload to change, `live` never does.
 * Made by model/, read by render/.
 */
import type { ConfTree } from './conf-tree.ts';
import type { ConfValue } from './conf-value.ts';
import type { Declaration } from './declaration.ts';
import type { Directive } from './directive.ts';
import type { InForce } from './last-good.ts';
import type { LiveBackend, LiveCertificate, LiveSettings } from './live.ts';
import type { LiveRoute } from './live-route.ts';
import type { ObjectRef, Problem } from './problem.ts';
import type { Table } from './table/table.ts';
import type { HeaderChange, UpstreamHeader } from './upstream-headers.ts';

/** How NGINX chooses a location. `text` is the literal path, or the PCRE for `regex`. */
export interface Match {
  readonly kind: 'exact' | 'prefix' | 'regex';
  readonly text: string;
  /**
   * The plain text that a regular expression stands for, if any: upper and lower case differ; its order depends on
   * this.
   */
  readonly literal?: string;
  /** The path that a regular expression was made from, as written. Its order depends on this first. */
  readonly path?: string;
  /** The prefix of a regular expression: how many steps PCRE may take. */
  readonly limit?: string;
}

/**
 * What requests are passed on with; each distinct pair of `protocol` and `tlsId` gets its own upstream. `auto_http` is
 * http or https, as used by the client.
 */
export interface Pass {
  readonly protocol: 'http' | 'https' | 'auto_http' | 'grpc' | 'grpcs' | 'fastcgi';
  /** Hash over the TLS settings towards the backend; empty for none. Connections are shared only within one. */
  readonly tlsId: string;
}

/** A location: a match, a set of directives, and the id of the route that holds its live fields. */
export interface LocationPlan {
  readonly match: Match;
  readonly directives: readonly Directive[];
  readonly pass: Pass;
  /** An internal location for mirrored requests, with or without their bodies. */
  readonly mirror?: { readonly body: boolean };
  /** An internal location for subrequests to an external authentication service, with all headers that it is sent. */
  readonly authRequest?: {
    readonly headers: readonly UpstreamHeader[];
    /** Lua sends it, and not NGINX. */
    readonly exchange: boolean;
  };
  /** How its backend's headers differ from the general `upstreamHeaders`; each name once. */
  readonly upstreamHeaders?: readonly HeaderChange[];
  /** The route sets response headers; which ones is live data. */
  readonly responseHeaders?: true;
  /** Variables that some text reads, with the location's own values. */
  readonly variables?: readonly LocationVariable[];
  /** Some text reads $escaped_request_uri. */
  readonly escapesUri?: true;
  /** 16 hex digits over host, path, type and everything static here. */
  readonly routeId: string;
  /** The Ingress it came from; undefined for a built-in one. */
  readonly owner: ObjectRef | undefined;
}

/** `name` with its dollar. */
export interface LocationVariable {
  readonly name: ConfValue;
  readonly value: ConfValue;
}

/** A server block. The one with `isDefault` comes first and answers every unknown name. */
export interface HostPlan {
  readonly isDefault: boolean;
  /** Names in nginx's precedence: exact ones first, then those written as regex. */
  readonly names: readonly ServerName[];
  readonly locations: readonly LocationPlan[];
  /** Applies to all its locations unless they say otherwise. */
  readonly directives?: readonly Directive[];
  /** What its directives refer to outside its block. */
  readonly declarations?: readonly Declaration[];
  /**
   * Host-specific TLS settings for clients. Such a block has its own OpenSSL context; all others share that of the
   * default one.
   */
  readonly tls?: readonly Directive[];
  /** `/healthz` and all paths that begin with it answer 200: load balancers probe it on the public ports. */
  readonly healthz?: true;
  /** Errors of this host are answered by a backend. */
  readonly errorPages?: ErrorPages;
  /** Clients of some location are redirected to sign in. */
  readonly signIn?: true;
  /** Clients of some location get headers from its authentication service. */
  readonly passesAuth?: true;
  readonly routes: ReadonlyMap<string, LiveRoute>;
  readonly owners: readonly ObjectRef[];
}

/** The location that errors are sent to; the backend there is live data. */
export interface ErrorPages {
  /** Codes of the server: errors of the locations that do not say otherwise. */
  readonly directives: readonly Directive[];
  /**
   * Route whose `fallback` all locations with their own list of errors share; undefined unless there is exactly one.
   * Errors that occur before a location's route is known (a body that is announced as too large) use it.
   */
  readonly routeId: string | undefined;
  /** Shared with other locations, such as all that require plain HTTP: chosen by these hex digits. */
  readonly poolId: string;
}

export interface ServerName {
  readonly kind: 'exact' | 'regex';
  /** The name, or the PCRE without its `~`. */
  readonly text: string;
}

/**
 * A file that NGINX reads when it loads its configuration; `name` contains the hash of `content`. Workers can read
 * files whose name ends in `.htpasswd`, for each request.
 */
export interface FilePlan {
  readonly name: string;
  readonly content: string;
}

/** The source of a client's address, if it is not the connection. */
export interface ClientAddressPlan {
  /** A header, or `proxy_protocol`. */
  readonly header: ConfValue;
  /** Peers that are trusted. */
  readonly trusted: readonly ConfValue[];
  /**
   * A header that is written into each request: the list of the header `from`, and the address of the PROXY protocol.
   */
  readonly list: { readonly name: ConfValue; readonly from: ConfValue } | null;
}

/** The scheme, host and port of requests are variables that Lua sets. */
export interface ForwardedPlan {
  /** Also by headers of trusted peers, not only by the PROXY protocol. */
  readonly headers: boolean;
  /** Forward the received list plus the peer's address. */
  readonly append: boolean;
}

/** Where NGINX takes requests. */
export interface ListenPlan {
  /** Connections begin with a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** IP addresses without brackets; null for all. */
  readonly addresses: readonly string[] | null;
  /** Also on all IPv6 addresses, if there are any. */
  readonly ipv6: boolean;
}

/** What NGINX logs where; `to` is undefined for the default destination. */
export interface LogPlan {
  /** Null: nothing is logged. */
  readonly access: {
    readonly to: ConfValue | undefined;
    readonly parameters: readonly ConfValue[];
    /** Keys of a `map` on $request_uri: requests that are not logged. */
    readonly skipped: readonly ConfValue[];
  } | null;
  /** Errors of requests; null: like those of NGINX itself. */
  readonly error: { readonly to: ConfValue | undefined; readonly level: ConfValue } | null;
}

/** Idle connections to endpoints. Times in seconds. */
export interface KeepalivePlan {
  /** For each upstream and worker; 0 keeps none. */
  readonly connections: number;
  readonly time: number;
  readonly timeout: number;
  readonly requests: number;
}

/** The administrator's own directives; null if there are none. */
export interface AdminSnippets {
  readonly main: ConfTree | null;
  readonly http: ConfTree | null;
  /** Of every server block of a host. */
  readonly server: ConfTree | null;
  /** Of every location of an Ingress. */
  readonly location: ConfTree | null;
  /** They need NGINX's headers-more module. */
  readonly headersMore: boolean;
}

export interface StaticPlan {
  readonly snippets: AdminSnippets;
  readonly main: readonly Directive[];
  readonly events: readonly Directive[];
  readonly http: readonly Directive[];
  readonly declarations: readonly Declaration[];
  readonly logs: LogPlan;
  /** `format`: one text in parts, because nginx accepts no words longer than 4,096 bytes. */
  readonly logFormat: { readonly escape: ConfValue; readonly format: readonly ConfValue[] };
  /** Names of the variables that texts of the settings read. */
  readonly variables: ReadonlySet<string>;
  /** The ones that locations set, with their dollars. */
  readonly setByLocations: readonly ConfValue[];
  /** Sources that may read NGINX's counters on the status port. */
  readonly statusAllowed: readonly ConfValue[];
  /** Some requests are refused whatever their location. */
  readonly blocks: boolean;
  /** Value of Strict-Transport-Security on TLS connections, or null. */
  readonly hsts: ConfValue | null;
  readonly clientAddress: ClientAddressPlan | null;
  readonly forwarded: ForwardedPlan | null;
  readonly listen: ListenPlan;
  readonly keepalive: KeepalivePlan;
  /** What every backend gets in place of the client's headers. */
  readonly upstreamHeaders: readonly UpstreamHeader[];
  /** The settings set headers on every response; which ones is live data. */
  readonly responseHeaders: boolean;
  /** The Server header contains NGINX's version. */
  readonly serverTokens: boolean;
  /** Requests without an id get one. */
  readonly requestIds: boolean;
  /** The module for brotli is loaded. */
  readonly brotli: boolean;
  /** Clients may speak HTTP/2 on the TLS port. */
  readonly http2: boolean;
  /** The number of connections of a worker, including those to endpoints. */
  readonly workerConnections: number;
  /** Minimum sizes of nginx's hash table of server names: bytes of a bucket, and entries. */
  readonly serverNames: { readonly bucket: number; readonly max: number };
  /** MiB that the dictionary of the live data needs. */
  readonly liveMegabytes: number;
  /** Under keys in their order in nginx.conf; the last word of a key is the first name of the block. */
  readonly hosts: Table<HostPlan>;
  readonly files: readonly FilePlan[];
}

/** A Service port that some route names, with what is needed to resolve it again. */
export interface BackendRef {
  readonly namespace: string;
  readonly service: string;
  /** As written in the Ingress: a number or a port name. */
  readonly port: number | string;
  /** The Service's own address instead of those of its pods. */
  readonly viaService?: true;
  /** Not a Service: `service` is a DNS name or an IP address, `namespace` cannot be the name of one. */
  readonly outside?: true;
}

export interface LivePlan {
  readonly routes: ReadonlyMap<string, LiveRoute>;
  readonly backends: ReadonlyMap<string, LiveBackend>;
  readonly certificates: ReadonlyMap<string, LiveCertificate>;
  readonly names: ReadonlyMap<string, string>;
  readonly settings: LiveSettings;
}

export interface Plan {
  readonly static: StaticPlan;
  readonly live: LivePlan;
  /** ConfigMap values in force, as written, by key. */
  readonly settingTexts: ReadonlyMap<string, string>;
  /** `namespace/name` of a Service → the backends that were resolved from it. */
  readonly backendsOfService: ReadonlyMap<string, readonly BackendRef[]>;
  /** Namespace → the most endpoints that each of its backends has; namespaces that are not limited are missing. */
  readonly mostEndpoints: ReadonlyMap<string, number>;
  /** `namespace/name` of the Ingresses that are served here. */
  readonly ingresses: ReadonlySet<string>;
  /** DNS names to look up: those of ExternalName Services, URLs and syslog servers. */
  readonly externalNames: readonly string[];
  /** `namespace/name` of every Secret that matters, including those that do not exist. */
  readonly secrets: ReadonlySet<string>;
  /** `namespace/name` of every ConfigMap that an Ingress refers to, including those that do not exist. */
  readonly configMaps: ReadonlySet<string>;
  /** Objects whose content is in force: those that Ingresses use, and those that settings and flags name. */
  readonly inForce: readonly InForce[];
}

export interface BuildResult {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}
