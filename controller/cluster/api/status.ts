/** The Status object that the API server sends instead of the requested object when a request fails. */
import { isRecord } from '../../types/is-record.ts';

export interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly retryAfterSeconds?: number;
}

/** Returns the fields of a Status that have the right type; empty if `body` is not an object. */
export function readStatus(body: unknown): Status {
  if (!isRecord(body)) return {};
  const { message, reason, code, details } = body;
  const seconds = isRecord(details) ? details['retryAfterSeconds'] : undefined;
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof seconds === 'number' && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  };
}
