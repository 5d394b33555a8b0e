/** The live data of external authentication; nginx/lua/tidegate/auth reads it. */

/** How the answer of an external authentication service is used. */
export interface LiveExternalAuth {
  /**
   * Key of its backend, without its `b:`; while that has no endpoints, requests are answered 503 without a subrequest.
   */
  readonly backend?: string;
  /** Which answers get the cookies that the service sets: those with the usual statuses, or all. */
  readonly cookies: 'some' | 'all';
  /** Where 401 redirects the client: text, or a variable from a closed list if it begins with a dollar. */
  readonly signIn?: readonly string[];
}

/** A subrequest to the service. Text, or a variable from a closed list if it begins with a dollar. */
export interface LiveAuthRequest {
  /** Host header. */
  readonly host: string;
  /** Path and query, in order. */
  readonly uri: readonly string[];
  readonly cache?: LiveAuthCache;
  /** Lua sends it, and not NGINX. */
  readonly exchange?: LiveAuthExchange;
}

/** How Lua sends requests to a service, on keepalive connections. */
export interface LiveAuthExchange {
  readonly scheme: 'http' | 'https';
  /** SNI. */
  readonly serverName?: string;
  readonly method: string;
  /** A request may be repeated if the service had closed a kept connection. */
  readonly again?: true;
  /** Connections to each endpoint that each worker keeps. */
  readonly connections: number;
  /** Requests on one connection. */
  readonly requests: number;
  /** Seconds that an idle connection is kept. */
  readonly idle: number;
  /** Milliseconds [connect, send, read]. */
  readonly timeouts: readonly [number, number, number];
  /** The client gets a refusal exactly as the service wrote it. */
  readonly passes?: true;
  /** Replaces the client's headers: name, and text and variables; an empty list removes the header. */
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

/** Cached answers, valid while the request and the text of `key` are the same. */
export interface LiveAuthCache {
  /** Text, or an NGINX variable from a closed list if it begins with a dollar. */
  readonly key: readonly string[];
  /**
   * The parts of `key` that distinguish users: while all of them are empty, nothing is cached or served from the cache.
   */
  readonly users: readonly string[];
  /** Status → seconds. */
  readonly seconds: readonly (readonly [number, number])[];
  /** Names of the cached headers. */
  readonly keep: readonly string[];
}
