/** Describes as a value why a list or watch failed. */
import { readStatus } from './status.ts';

export interface RequestFailure {
  /**
   * `expired`: the server does not know the resourceVersion (any longer), so a new list is needed. `refused`: the same
   * request would fail again. `unreachable`: the server may recover soon.
   */
  readonly cause: 'expired' | 'unauthorized' | 'forbidden' | 'refused' | 'unreachable';
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** Creates a failure from a response, or from an ERROR event, whose `code` is an HTTP status. */
export function failureOf(status: number, body: unknown, retryAfterMs?: number): RequestFailure {
  const { message = '', reason = '', retryAfterSeconds } = readStatus(body);
  const said = `the API server answers ${status}${message === '' ? '' : `: ${message.slice(0, 200)}`}`;
  const patience = retryAfterMs ?? (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000);
  return { cause: causeOf(status, `${reason} ${message}`), message: said, retryAfterMs: patience };
}

function causeOf(status: number, text: string): RequestFailure['cause'] {
  if (status === 410 || /^(Expired|Gone) /.test(text)) return 'expired';
  // The server has a different history: "Too large resource version" (504), "invalid resource version" (400).
  if ((status === 504 || status === 400) && /resource ?version/i.test(text)) return 'expired';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return status >= 500 || status === 429 || status === 408 ? 'unreachable' : 'refused';
}

/** Creates a failure from an exception: refused, reset, interrupted or timed-out connections, or TLS errors. */
export function failureFrom(error: unknown): RequestFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? (cause.message === '' ? cause.name : cause.message) : String(cause);
  return { cause: 'unreachable', message, retryAfterMs: undefined };
}
