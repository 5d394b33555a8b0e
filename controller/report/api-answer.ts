/** Requests to the API server whose failures are values: what went wrong, and whether it is worth trying again. */
import type { ApiClient, ApiRequest } from '../types/api.ts';

export interface ApiFailure {
  readonly ok: false;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** `PATCH /apis/…/web/status: 403 ingresses "web" is forbidden`. */
  readonly message: string;
  /** The same request may succeed later: no answer, 408, 429, 5xx. */
  readonly retryable: boolean;
  /** What the server asked to wait, in milliseconds; 0 where it did not say. */
  readonly retryAfterMs: number;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | ApiFailure;

/** The part of `meta/v1 Status` that is read. */
interface Status {
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

const MOST_CHARACTERS = 400;

function statusOf(body: unknown): Status {
  if (typeof body === 'string') return { message: body };
  return typeof body === 'object' && body !== null ? body : {};
}

/** Sends one request and never rejects. The shape `T` is the caller's knowledge of the resource. */
export async function ask<T>(
  api: ApiClient,
  method: string,
  path: string,
  options: ApiRequest = {},
): Promise<Answer<T>> {
  const failure = (status: number, text: string, retryAfterMs = 0): ApiFailure => ({
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
    return failure(0, error instanceof Error ? error.message : String(error));
  }
}
