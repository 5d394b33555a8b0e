/** The Kubernetes API server, as far as report/ and the commands speak to it. Implemented in controller/cluster. */

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; a PATCH names its kind (`application/merge-patch+json`). */
  readonly contentType?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** Parsed JSON; text where it is none. */
  readonly body: unknown;
}

export interface ApiClient {
  /**
   * One request. `path` begins with `/api/` or `/apis/`. Every status is an answer; rejects only where there is
   * none (network failure, time-out, abort).
   */
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiResponse>;
}
