/** The interface to the Kubernetes API server for report/ and the commands. Implemented in controller/cluster. */

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; a PATCH needs its own (`application/merge-patch+json`). */
  readonly contentType?: string;
  /** Maximum number of milliseconds for the request and its response. */
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
   * Sends one request. `path` begins with `/api/` or `/apis/`. Resolves with any status; rejects only if there is no
   * response (network failure, timeout, abort).
   */
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiResponse>;
}
