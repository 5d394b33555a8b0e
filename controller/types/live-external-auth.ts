/** The live data of external authentication; nginx/lua/tidegate/auth reads it. */

/** How a route uses the response of an external authentication service. */
export interface LiveExternalAuth {
  /**
   * Key of the service's backend, without its `b:`. While the backend has no endpoints, requests are answered with 503
   * and no subrequest is sent.
   */
  readonly backend?: string;
  /** Which responses to clients get the cookies of the service. `some`: only responses with the usual statuses. */
  readonly cookies: 'some' | 'all';
  /**
   * URL to which clients are redirected on 401, in pieces: text or, if a piece begins with a dollar, a variable from a
   * closed list.
   */
  readonly signIn?: readonly string[];
}

/** A subrequest to the service. Pieces are text or, if they begin with a dollar, a variable from a closed list. */
export interface LiveAuthRequest {
  /** The Host header. */
  readonly host: string;
  /** The pieces of path and query, in order. */
  readonly uri: readonly string[];
  readonly cache?: LiveAuthCache;
  /** Set if Lua, and not NGINX, sends the subrequest. */
  readonly exchange?: LiveAuthExchange;
}

/** How Lua sends requests to a service, on keepalive connections. */
export interface LiveAuthExchange {
  readonly scheme: 'http' | 'https';
  /** The server name for TLS (SNI). */
  readonly serverName?: string;
  readonly method: string;
  /** Whether a request may be sent again if the service has closed a connection that was kept open. */
  readonly again?: true;
  /** Number of idle connections that each worker keeps open to each endpoint. */
  readonly connections: number;
  /** Maximum number of requests on one connection. */
  readonly requests: number;
  /** Seconds after which an idle connection is closed. */
  readonly idle: number;
  /** Milliseconds [connect, send, read]. */
  readonly timeouts: readonly [number, number, number];
  /** Whether a client whose request the service refuses gets the service's response unchanged. */
  readonly passes?: true;
  /**
   * Headers that replace the client's: the name, and the pieces of the value. With an empty list, the header is
   * removed.
   */
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

/**
 * The cache for responses of the service. A cached response is used only for the same request and the same value of
 * `key`.
 */
export interface LiveAuthCache {
  /** Pieces: text or, if they begin with a dollar, an NGINX variable from a closed list. */
  readonly key: readonly string[];
  /** The variables in `key` that tell users apart. If all of them are empty, the cache is not used. */
  readonly users: readonly string[];
  /** Status of a response, and the seconds for which it is cached. */
  readonly seconds: readonly (readonly [number, number])[];
  /** Names of the response headers that are cached. */
  readonly keep: readonly string[];
}
