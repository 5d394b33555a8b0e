/**
 * The live document: data that NGINX's workers read without a reload, as a flat table of key → JSON text.
 * docs/live-data.md describes it for this code and for nginx/lua/tidegate. The type of routes is in live-route.ts.
 */
import type { LiveSources } from './live-sources.ts';

/**
 * A reference in a route to a long value that several routes may share. The value is stored as `{"value": …}` under the
 * key `p:<hash>`; it belongs at `place` in the route. Indices of lists count from 0.
 */
export type SharedPart = readonly [hash: string, ...place: (string | number)[]];

/**
 * A response header. A value that is a list consists of pieces, in order: text or, if a piece begins with a dollar, a
 * variable from a closed list.
 */
export type ResponseHeader = readonly [name: string, value: string | readonly string[]];

/** Response headers that tell browsers what cross-origin requests may do. */
export interface LiveCors {
  /**
   * Allowed origins in lower case: `https://shop.example.com:8443`, `https://*.example.com` (one label), `null`. If
   * absent, all origins are allowed.
   */
  readonly origins?: readonly string[];
  readonly credentials?: true;
  /** `methods`, `headers` and `expose` are values of headers, and are sent unchanged. */
  readonly methods: string;
  readonly headers: string;
  readonly expose?: string;
  /** Seconds for which a preflight response may be cached; negative: it must not be cached. */
  readonly maxAge: number;
}

/**
 * Verification of client certificates. Over TLS, a request whose Host differs from the server name of the handshake
 * gets 421.
 */
export interface LiveClientCertificate {
  /**
   * Whether requests over plain HTTP are served. If not, they are redirected if `tlsRedirect` requires it, and
   * otherwise answered with 403.
   */
  readonly plain?: true;
  /**
   * At most two regular expressions (PCRE). Unless each matches somewhere in the subject of the certificate, the
   * request gets 403.
   */
  readonly subjects?: readonly string[];
}

/**
 * Session affinity by a cookie. Attributes of the cookie that are absent here are not sent; only Path has a default.
 */
export interface LiveAffinity {
  /** The name of the cookie. */
  readonly cookie: string;
  /**
   * Whether clients are moved only when their endpoint is removed. If not, some are also moved when endpoints are
   * added.
   */
  readonly persistent?: true;
  /** Whether a client whose endpoint fails is permanently moved to another one. */
  readonly changeOnFailure?: true;
  /** Path of the cookie; the path of the route if absent. */
  readonly path?: string;
  readonly domain?: string;
  /** Seconds from the time of the response. */
  readonly expires?: number;
  readonly maxAge?: number;
  /** Whether Secure is set even without TLS. */
  readonly secure?: true;
  readonly sameSite?: SameSite;
  /** Whether SameSite=None is left out for clients that are known to misinterpret it. */
  readonly conditionalNone?: true;
}

export type SameSite = 'None' | 'Lax' | 'Strict';

/** Requests with the same hash key go to the same endpoint. */
export interface LiveHashBy {
  /**
   * The pieces of the hash key, in order: text or, if a piece begins with a dollar, an NGINX variable from a closed
   * list.
   */
  readonly pieces: readonly string[];
  /** The hash key selects this many endpoints, and each request goes to a random one of them. */
  readonly subset?: number;
}

/**
 * What happens to TLS connections for a server name: they are passed, undecrypted, to the endpoints of `backend` (a key
 * without its `b:`), unless one of the access lists denies the client; they are closed; or NGINX terminates TLS, although
 * a wildcard that matches the name is passed on.
 */
export type LivePassthrough =
  | {
      readonly backend: string;
      /** `namespace/name` of the Ingress with the path. */
      readonly ingress: string;
      readonly sources?: readonly LiveSources[];
    }
  | 'closed'
  | 'terminated';

/** A mirrored request. Pieces are text or, if they begin with a dollar, an NGINX variable from a closed list. */
export interface LiveMirror {
  /** The Host header. */
  readonly host: string;
  /** The pieces of path and query, in order. */
  readonly uri: readonly string[];
}

/**
 * An alternative to the backend of a route. The headers of all canaries are checked first, then the cookies, then the
 * weights; a canary that a header or a cookie rules out is not considered further.
 */
export interface LiveCanary {
  /**
   * Key of the canary's backend, without its `b:`. While that backend has no endpoints, the requests go to the route's
   * backend.
   */
  readonly backend: string;
  readonly balance: Balance;
  readonly hashBy?: LiveHashBy;
  readonly header?: LiveCanaryHeader;
  /** Name of a cookie; its values `always` and `never` decide. */
  readonly cookie?: string;
  /**
   * `weight` of `total` requests go to the canary; 0 ≤ `weight` ≤ `total`. The weights of all canaries of a route are
   * added up.
   */
  readonly weight: number;
  readonly total: number;
  /** Whether the canary is exempt from the route's `affinity`: if so, the rules are applied to each request. */
  readonly legacy?: true;
}

/**
 * If neither `value` nor `pattern` is set, the values `always` and `never` of the header decide; otherwise only a match
 * sends a request to the canary.
 */
export interface LiveCanaryHeader {
  readonly name: string;
  readonly value?: string;
  /** Regular expression (PCRE), case-sensitive, which may match anywhere in the value. */
  readonly pattern?: string;
}

/**
 * What the choice of an endpoint is based on. `ewma`: response times; `least_conn`: requests in progress; `random`: the
 * better of two random endpoints.
 */
export type Balance = 'round_robin' | 'ewma' | 'least_conn' | 'random';

/** A redirect to a Location that does not depend on the path of the rule. */
export interface LiveRedirect {
  /**
   * An `http(s)://` URL, or a path, which gets the scheme and host of the request. If there is a `rest`, `to` contains
   * only the scheme and host of the URL; `$scheme` and `$host` in it stand for those of the request.
   */
  readonly to: string;
  /**
   * The pieces of the rest of the URL, in order: text or, if a piece begins with a dollar, a request variable from a
   * closed list.
   */
  readonly rest?: readonly string[];
  readonly code: RedirectCode;
  /** Whether a path is sent unchanged, without scheme and host. */
  readonly relative?: true;
  /** The annotation that causes the redirect. */
  readonly by?: string;
}

/** Statuses of redirects with a Location. */
export type RedirectCode = 301 | 302 | 303 | 307 | 308;

/** If `pattern` matches the path of a request, `target` replaces the whole path. */
export interface LiveRewrite {
  /** Regular expression (PCRE), case-insensitive, which is matched from the start of the path. */
  readonly pattern: string;
  /**
   * Strings, and numbers of captures (1–9), in order. If the first piece begins with `http(s)://` and a host, the
   * request is redirected there with 302.
   */
  readonly target: readonly (string | number)[];
  /** The pieces of the header X-Forwarded-Prefix that the backend gets. */
  readonly forwardedPrefix?: readonly (string | number)[];
  /** Whether each rewritten path is written to the error log. */
  readonly log?: true;
}

/** Endpoints of one Service port: [IP address without brackets, port, weight ≥ 1]. */
export interface LiveBackend {
  readonly endpoints: readonly (readonly [string, number, number])[];
}

/** PEM texts: the chain, beginning with the server's certificate, and its private key. */
export interface LiveCertificate {
  readonly chain: string;
  readonly key: string;
}

/** Settings that apply to all routes. */
export interface LiveSettings {
  /** Port in redirects to HTTPS; 443 is omitted. */
  readonly httpsPort: number;
  readonly redirectCode: number;
  /** Whether X-Forwarded-Proto and X-Forwarded-Host of trusted peers are used. */
  readonly forwarded: boolean;
  /**
   * Key of the backend, without its `b:`, that answers intercepted errors. If absent, such errors get the built-in 404
   * response.
   */
  readonly defaultBackend?: string;
  /**
   * Headers that replace the backend's in all responses; an empty value removes the header. Headers of a route take
   * precedence.
   */
  readonly responseHeaders?: readonly ResponseHeader[];
  /** Requests with these User-Agent or Referer headers are rejected. nginx.conf enables the check if there are any. */
  readonly blockedAgents?: LiveBlocked;
  readonly blockedReferers?: LiveBlocked;
}

/** Values of a header that are blocked. */
export interface LiveBlocked {
  /** Complete values, in lower case. */
  readonly texts: readonly string[];
  /** Regular expressions (PCRE), which may match anywhere in the value. */
  readonly patterns: readonly string[];
}

/** Prefixes of keys, in the order in which keys are sent: a key is sent before those that refer to it. */
export const LIVE_PREFIXES = ['p:', 'g:', 'c:', 'b:', 'n:', 'r:'] as const;

/**
 * Key → JSON text without line breaks. The value of an `n:` key is a JSON string: the key of a certificate without its
 * `c:`.
 */
export type LiveDocument = ReadonlyMap<string, string>;
