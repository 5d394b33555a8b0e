/** Why a list or a watch failed, as a value. */
import { readStatus } from './status.ts';

export interface RequestFailure {
  /**
   * `expired`: the resourceVersion is not (or no longer) known, a list is needed. `refused`: the same request would
   * fail again. `unreachable`: may recover soon.
   */
  readonly cause: 'expired' | 'unauthorized' | 'forbidden' | 'refused' | 'unreachable';
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** From an answer, or an ERROR event, whose `code` is the status. */
export function failureOf(status: number, body: unknown, retryAfterMs?: number): RequestFailure {
  const { message = '', reason = '', retryAfterSeconds } = readStatus(body);
  const said = `the API server answers ${status}${message === '' ? '' : `: ${message.slice(0, 200)}`}`;
  const patience = retryAfterMs ?? (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000);
  return { cause: causeOf(status, `${reason} ${message}`), message: said, retryAfterMs: patience };
}

function causeOf(status: number, text: string): RequestFailure['cause'] {
  if (status === 410 || /^(Expired|Gone) /.test(text)) return 'expired';
  // A server with another history: "Too large resource version" (504), "invalid resource version" (400).
  if ((status === 504 || status === 400) && /resource ?version/i.test(text)) return 'expired';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return status >= 500 || status === 429 || status === 408 ? 'unreachable' : 'refused';
}

/** From an exception: refused, reset, cut or timed-out connections, TLS. */
export function failureFrom(error: unknown): RequestFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? (cause.message === '' ? cause.name : cause.message) : String(cause);
  return { cause: 'unreachable', message, retryAfterMs: undefined };
}
