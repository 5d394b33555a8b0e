/** Sends requests to the API server and returns failures as values, with the reason and whether a retry may help. */
import type { ApiClient, ApiRequest } from '../types/api.ts';
import { errorText } from '../types/error-text.ts';

export interface ApiServerFailure {
  readonly ok: false;
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** `PATCH /apis/…/web/status: 403 ingresses "web" is forbidden`. */
  readonly message: string;
  /** Whether a retry may succeed: no response, 408, 429, or 5xx. */
  readonly retryable: boolean;
  /** The server's requested delay before a retry (`retryAfterSeconds` of the Status), in milliseconds; 0 if absent. */
  readonly retryAfterMs: number;
}

export type ApiServerAnswer<T> = { readonly ok: true; readonly value: T } | ApiServerFailure;

/** The fields of the Kubernetes `Status` object (`meta/v1`) that are read here. */
interface Status {
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

const MOST_CHARACTERS = 400;

function statusOf(body: unknown): Status {
  if (typeof body === 'string') return { message: body };
  return typeof body === 'object' && body !== null ? body : {};
}

/** Sends one request and never rejects. `T` is the type of the response body, which is not checked. */
export async function ask<T>(
  api: ApiClient,
  method: string,
  path: string,
  options: ApiRequest = {},
): Promise<ApiServerAnswer<T>> {
  const failure = (status: number, text: string, retryAfterMs = 0): ApiServerFailure => ({
    ok: false,
    status,
    message: `${method} ${path}: ${text.slice(0, MOST_CHARACTERS)}`,
    retryable: status === 0 || status === 408 || status === 429 || status >= 500,
    retryAfterMs,
  });
  try {
    const { status, body } = await api.request(method, path, options);
    if (status >= 200 && status < 300) return { ok: true, value: body as T };
    const { message, details } = statusOf(body);
    const seconds = details?.retryAfterSeconds;
    return failure(status, `${status} ${message ?? ''}`.trim(), typeof seconds === 'number' ? seconds * 1000 : 0);
  } catch (error) {
    return failure(0, errorText(error));
  }
}
