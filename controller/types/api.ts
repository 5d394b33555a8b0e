/** The interface to the Kubernetes API server for report/ and the commands. Implemented in controller/cluster. */
import type { V1Secret } from '@kubernetes/client-node';

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; a PATCH needs its own (`application/merge-patch+json`). */
  readonly contentType?: string;
  /** The media type of the response; default `application/json`. */
  readonly accept?: string;
  /** Maximum number of milliseconds for the request and its response. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** The parsed JSON; the text if the body is not JSON. */
  readonly body: unknown;
}

export interface ApiClient {
  /**
   * Sends one request. `path` begins with `/api/` or `/apis/`. Resolves with any status; rejects only if there is no
   * response (network failure, timeout, abort).
   */
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiResponse>;
}

/** A Secret as it is stored now. A write that names its resourceVersion fails if it has changed meanwhile. */
export interface SecretVersion {
  readonly secret: V1Secret;
  readonly resourceVersion: string;
}

/** Follows one Secret. None of these functions may throw. */
export interface SecretListener {
  /** Called after the first list and after each change; with undefined if there is no such Secret. */
  readonly onSecret: (found: SecretVersion | undefined) => void;
  /** Called when the watch fails, with the reason, and with undefined when it works again. */
  readonly onFailure: (message: string | undefined) => void;
}
