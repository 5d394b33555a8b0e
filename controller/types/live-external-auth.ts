/** What the workers know of external authentication; nginx/lua/tidegate/auth reads it. */

/** What becomes of what the service of an external authentication says. */
export interface LiveExternalAuth {
  /** Key of its backend, without its `b:`: while that has no endpoints, requests are answered 503 without a question. */
  readonly backend?: string;
  /** Which answers get the cookies that the service sets: those of the usual statuses, or all. */
  readonly cookies: 'some' | 'all';
  /** Where 401 sends the client: text, or, where it begins with a dollar, a variable out of a closed list. */
  readonly signIn?: readonly string[];
}

/** A question to the service. Text, or, where it begins with a dollar, a variable out of a closed list. */
export interface LiveAuthRequest {
  /** Host header. */
  readonly host: string;
  /** Path and query, in order. */
  readonly uri: readonly string[];
  readonly cache?: LiveAuthCache;
  /** Lua asks, and not NGINX. */
  readonly exchange?: LiveAuthExchange;
}

/** How Lua asks a service, on connections that it keeps. */
export interface LiveAuthExchange {
  readonly scheme: 'http' | 'https';
  /** SNI. */
  readonly serverName?: string;
  readonly method: string;
  /** A question may be asked again where a connection that was kept had been closed. */
  readonly again?: true;
  /** Connections to each endpoint that each worker keeps. */
  readonly connections: number;
  /** Questions on one connection. */
  readonly requests: number;
  /** Seconds that a connection is kept without a question. */
  readonly idle: number;
  /** Milliseconds [connect, send, read]. */
  readonly timeouts: readonly [number, number, number];
  /** The client gets a refusal as the service wrote it. */
  readonly passes?: true;
  /** In place of the client's: name, and text and variables; an empty list is no such header. */
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

/** Answers that are kept, for as long as the question and the text of `key` are the same. */
export interface LiveAuthCache {
  /** Text, or, where it begins with a dollar, a variable of NGINX out of a closed list. */
  readonly key: readonly string[];
  /** Those of `key` that tell users apart: while all of them are empty, nothing is kept and nothing is given. */
  readonly users: readonly string[];
  /** Status → seconds. */
  readonly seconds: readonly (readonly [number, number])[];
  /** Names of the headers that are kept. */
  readonly keep: readonly string[];
}
