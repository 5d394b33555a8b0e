/** The Kubernetes API server, as used by report/ and the commands. Implemented in controller/cluster. */

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; a PATCH needs its own (`application/merge-patch+json`). */
  readonly contentType?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** Parsed JSON; the text if it is not JSON. */
  readonly body: unknown;
}

export interface ApiClient {
  /**
   * One request. `path` begins with `/api/` or `/apis/`. Every status is an answer; rejects only without one (network
   * failure, timeout, abort).
   */
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiResponse>;
}
