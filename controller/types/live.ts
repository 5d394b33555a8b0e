/**
 * The live document: what NGINX's workers read without a reload. A flat table of key → JSON text;
 * docs/live-data.md describes it for both sides (this file and nginx/lua/tidegate). Routes: live-route.ts.
 */

/**
 * A long value that several routes may share: the key `p:<hash>` holds it as `{"value": …}`, and it belongs at this
 * place of the route. Indices of lists count from 0.
 */
export type SharedPart = readonly [hash: string, ...place: (string | number)[]];

/** A response header. A list, in order: text, or a variable from a closed list if it begins with a dollar. */
export type ResponseHeader = readonly [name: string, value: string | readonly string[]];

/** What browsers are told about cross-origin requests. */
export interface LiveCors {
  /**
   * In lower case: `https://shop.example.com:8443`, `https://*.example.com` (one label), `null`. Absent: all origins.
   */
  readonly origins?: readonly string[];
  readonly credentials?: true;
  /** As they are sent. */
  readonly methods: string;
  readonly headers: string;
  readonly expose?: string;
  /** Seconds; negative: the preflight must not be cached. */
  readonly maxAge: number;
}

/** Over TLS the name of the handshake must be the host of the request, otherwise 421. */
export interface LiveClientCertificate {
  /** Plain HTTP is served; otherwise it is redirected if `tlsRedirect` says so, or answered 403. */
  readonly plain?: true;
  /** At most two PCREs, each of which must match somewhere in the subject of the certificate, otherwise 403. */
  readonly subjects?: readonly string[];
}

/** Session affinity by a cookie. Absent attributes are not sent, except Path. */
export interface LiveAffinity {
  /** Name of the cookie. */
  readonly cookie: string;
  /** Clients move only when their endpoint is removed; otherwise some of them move when endpoints are added. */
  readonly persistent?: true;
  /** A client whose endpoint fails is permanently given another one. */
  readonly changeOnFailure?: true;
  /** The path of the route if absent. */
  readonly path?: string;
  readonly domain?: string;
  /** Seconds from the response on. */
  readonly expires?: number;
  readonly maxAge?: number;
  /** Sets Secure even without TLS. */
  readonly secure?: true;
  readonly sameSite?: SameSite;
  /** SameSite=None is not sent to clients that are known to misinterpret it. */
  readonly conditionalNone?: true;
}

export type SameSite = 'None' | 'Lax' | 'Strict';

/** Requests with the same text go to the same endpoint. */
export interface LiveHashBy {
  /** In order: text, or an NGINX variable from a closed list if it begins with a dollar. */
  readonly pieces: readonly string[];
  /** To a random one of this many endpoints. */
  readonly subset?: number;
}

/** Mirrored requests. Text, or an NGINX variable from a closed list if it begins with a dollar. */
export interface LiveMirror {
  /** Host header. */
  readonly host: string;
  /** Path and query, in order. */
  readonly uri: readonly string[];
}

/**
 * An alternative to the backend of a route. The headers of all canaries are checked first, then the cookies, then the
 * weights; a canary that a header or a cookie rules out is not considered further.
 */
export interface LiveCanary {
  /** Key of its backend without the `b:`; while that has no endpoints, the requests go to the route's backend. */
  readonly backend: string;
  readonly balance: Balance;
  readonly hashBy?: LiveHashBy;
  readonly header?: LiveCanaryHeader;
  /** Name of a cookie; `always` and `never` decide. */
  readonly cookie?: string;
  /** `weight` of `total` requests; 0 ≤ `weight` ≤ `total`. The weights of one route add up. */
  readonly weight: number;
  readonly total: number;
  /** The route's `affinity` does not apply: clients are assigned anew for each request. */
  readonly legacy?: true;
}

/** Without `value` and `pattern`, `always` and `never` decide; with one of them, only a match does. */
export interface LiveCanaryHeader {
  readonly name: string;
  readonly value?: string;
  /** PCRE, matched anywhere in the value, case-sensitive. */
  readonly pattern?: string;
}

/** `ewma`: response time; `least_conn`: requests under way; `random`: the better of two. */
export type Balance = 'round_robin' | 'ewma' | 'least_conn' | 'random';

/** A response with its own Location. */
export interface LiveRedirect {
  /**
   * An `http(s)://` URL, or a path, which is prefixed with the request's scheme and host. With a `rest`, only scheme
   * and host of the URL, each of which may be the request's own: `$scheme`, `$host`.
   */
  readonly to: string;
  /** The rest of the URL, in order: text, or a request variable from a closed list if it begins with a dollar. */
  readonly rest?: readonly string[];
  readonly code: RedirectCode;
  /** A path is sent as it is. */
  readonly relative?: true;
}

/** Statuses with a Location. */
export type RedirectCode = 301 | 302 | 303 | 307 | 308;

/** The request path is matched with `pattern` and replaced as a whole with `target`. */
export interface LiveRewrite {
  /** PCRE, matched case-insensitively from the start. */
  readonly pattern: string;
  /**
   * Literal pieces (strings) and capture numbers (1–9) in order. If the first begins with `http(s)://` and a host, the
   * request is redirected there with 302.
   */
  readonly target: readonly (string | number)[];
  /** X-Forwarded-Prefix for the backend, in pieces. */
  readonly forwardedPrefix?: readonly (string | number)[];
  /** Rewritten paths are noted in the error log. */
  readonly log?: true;
}

/** Endpoints of one Service port: [IP without brackets, port, weight ≥ 1]. */
export interface LiveBackend {
  readonly endpoints: readonly (readonly [string, number, number])[];
}

/** PEM texts: the chain leaf first, and its private key. */
export interface LiveCertificate {
  readonly chain: string;
  readonly key: string;
}

/** Settings of the whole installation. */
export interface LiveSettings {
  /** Port in redirects to HTTPS; 443 is left out of the URL. */
  readonly httpsPort: number;
  readonly redirectCode: number;
  /** Trust X-Forwarded-Proto and -Host of trusted peers. */
  readonly forwarded: boolean;
  /** Key of the backend, without its `b:`, that answers intercepted errors; without it, the built-in 404 does. */
  readonly defaultBackend?: string;
  /**
   * Headers that all responses get, in place of the backend's; an empty value removes one. Those of a route take
   * precedence.
   */
  readonly responseHeaders?: readonly ResponseHeader[];
  /** Requests that are refused by a header; nginx.conf says whether there are any. */
  readonly blockedAgents?: LiveBlocked;
  readonly blockedReferers?: LiveBlocked;
}

/** Values of a header. */
export interface LiveBlocked {
  /** The whole value, in lower case. */
  readonly texts: readonly string[];
  /** PCRE, matched anywhere. */
  readonly patterns: readonly string[];
}

/** Key prefixes, in the order of sending: referenced keys come before those that refer to them. */
export const LIVE_PREFIXES = ['p:', 'g:', 'c:', 'b:', 'n:', 'r:'] as const;

/** Key → JSON text without newline. `n:` values are the JSON string of a certificate's key without `c:`. */
export type LiveDocument = ReadonlyMap<string, string>;
