/** The Status that the API server sends in place of an object. */
import { isRecord } from '../manifests/shape.ts';

export interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly retryAfterSeconds?: number;
}

/** The texts and numbers of a Status; empty for anything else. */
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
