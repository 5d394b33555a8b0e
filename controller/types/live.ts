/**
 * The live document: what NGINX's workers read without a reload. A flat table of key → JSON text;
 * docs/live-data.md describes it for both sides (this file and nginx/lua/tidegate). Routes: live-route.ts.
 */

/**
 * A long value of a route that others may have, too: the key `p:<hash>` holds it as `{"value": …}`, and it belongs at this
 * place of the route. Indices of lists count from 0.
 */
export type SharedPart = readonly [hash: string, ...place: (string | number)[]];

/** A header of answers. A list: in order text, or, where it begins with a dollar, a variable out of a closed list. */
export type ResponseHeader = readonly [name: string, value: string | readonly string[]];

/** What browsers are told about requests of other origins. */
export interface LiveCors {
  /** In lower case: `https://shop.example.com:8443`, `https://*.example.com` (one label), `null`. Absent: all of them. */
  readonly origins?: readonly string[];
  readonly credentials?: true;
  /** As they are sent. */
  readonly methods: string;
  readonly headers: string;
  readonly expose?: string;
  /** Seconds; negative: the preflight is not to be remembered. */
  readonly maxAge: number;
}

/** Over TLS the name of the handshake has to be the host of the request, else 421. */
export interface LiveClientCertificate {
  /** Plain HTTP is served; without, it is redirected where `tlsRedirect` says so, else 403. */
  readonly plain?: true;
  /** PCREs, each of which has to match somewhere in the subject of the certificate, else 403. At most two. */
  readonly subjects?: readonly string[];
}

/** Session affinity by a cookie. Attributes that are absent are not sent, but for Path. */
export interface LiveAffinity {
  /** Name of the cookie. */
  readonly cookie: string;
  /** Clients move only when their endpoint goes; without, a part of them moves when others come. */
  readonly persistent?: true;
  /** A client whose endpoint fails is given another one for good. */
  readonly changeOnFailure?: true;
  /** That of the route where it is absent. */
  readonly path?: string;
  readonly domain?: string;
  /** Seconds from the answer on. */
  readonly expires?: number;
  readonly maxAge?: number;
  /** Secure not only over TLS. */
  readonly secure?: true;
  readonly sameSite?: SameSite;
  /** SameSite=None is kept from clients that are known to mistake it. */
  readonly conditionalNone?: true;
}

export type SameSite = 'None' | 'Lax' | 'Strict';

/** Requests with the same text go to the same endpoint. */
export interface LiveHashBy {
  /** In order: text, or, where it begins with a dollar, a variable of NGINX out of a closed list. */
  readonly pieces: readonly string[];
  /** To one of so many endpoints, by chance. */
  readonly subset?: number;
}

/** Copies of requests. Text, or, where it begins with a dollar, a variable of NGINX out of a closed list. */
export interface LiveMirror {
  /** Host header. */
  readonly host: string;
  /** Path and query, in order. */
  readonly uri: readonly string[];
}

/**
 * An alternative to the backend of a route. Of all canaries the headers are looked at first, then the cookies, then the
 * weights; a canary that a header or a cookie says no to takes no further part.
 */
export interface LiveCanary {
  /** Key of its backend without the `b:`; while that has no endpoints, the requests go to the route's own. */
  readonly backend: string;
  readonly balance: Balance;
  readonly hashBy?: LiveHashBy;
  readonly header?: LiveCanaryHeader;
  /** Name of a cookie; `always` and `never` decide. */
  readonly cookie?: string;
  /** `weight` of `total` requests; 0 ≤ `weight` ≤ `total`. Those of one route add up. */
  readonly weight: number;
  readonly total: number;
  /** The route's `affinity` does not hold for it: clients are sent to it anew each time. */
  readonly legacy?: true;
}

/** Without `value` and `pattern`, `always` and `never` decide; with one of them only a match does. */
export interface LiveCanaryHeader {
  readonly name: string;
  readonly value?: string;
  /** PCRE, matched anywhere in the value, with regard to case. */
  readonly pattern?: string;
}

/** `ewma`: time to the answer; `least_conn`: requests under way; `random`: the better of two. */
export type Balance = 'round_robin' | 'ewma' | 'least_conn' | 'random';

/** Answer with a Location of its own. */
export interface LiveRedirect {
  /**
   * URL with `http(s)://`, or a path, before which goes the request's scheme and host. With a `rest`, scheme and host of
   * the URL alone, each of which may be the request's own: `$scheme`, `$host`.
   */
  readonly to: string;
  /** What follows it, in order: text, or, where it begins with a dollar, a variable of the request out of a closed list. */
  readonly rest?: readonly string[];
  readonly code: RedirectCode;
  /** A path is sent as it is. */
  readonly relative?: true;
}

/** Statuses that go with a Location. */
export type RedirectCode = 301 | 302 | 303 | 307 | 308;

/** The request path is matched with `pattern` and replaced, whole, by `target`. */
export interface LiveRewrite {
  /** PCRE, matched case-insensitively from the start. */
  readonly pattern: string;
  /**
   * Literal pieces (strings) and capture numbers (1–9) in order. Where the first begins with `http(s)://` and a host, the
   * request is redirected there with 302.
   */
  readonly target: readonly (string | number)[];
  /** X-Forwarded-Prefix for the backend, in the same pieces. */
  readonly forwardedPrefix?: readonly (string | number)[];
  /** What becomes of a path is noted in the error log. */
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
  /** Port that goes into redirects to HTTPS; 443 is left out of the URL. */
  readonly httpsPort: number;
  readonly redirectCode: number;
  /** Believe X-Forwarded-Proto and -Host of trusted peers. */
  readonly forwarded: boolean;
  /** Key of the backend, without its `b:`, that answers intercepted errors; without one that is the built-in 404. */
  readonly defaultBackend?: string;
  /** Headers that all answers get, in place of the backend's; an empty value takes one out. Those of a route go before. */
  readonly responseHeaders?: readonly ResponseHeader[];
  /** Requests that are refused by a header; nginx.conf says that there are such. */
  readonly blockedAgents?: LiveBlocked;
  readonly blockedReferers?: LiveBlocked;
}

/** Values of a header. */
export interface LiveBlocked {
  /** The whole value, in lower case. */
  readonly texts: readonly string[];
  /** PCRE, looked for anywhere. */
  readonly patterns: readonly string[];
}

/** Key prefixes. The order is that of pushing: what is referred to comes before what refers to it. */
export const LIVE_PREFIXES = ['p:', 'g:', 'c:', 'b:', 'n:', 'r:'] as const;

/** Key → JSON text without newline. `n:` values are the JSON string of a certificate's key without `c:`. */
export type LiveDocument = ReadonlyMap<string, string>;
