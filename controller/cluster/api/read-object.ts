/** Reads one object by its name. */
import type { Kind } from '../../types/snapshot.ts';
import type { ApiConnection } from './connection.ts';
import { deadline } from './deadline.ts';
import { type Skimmed, Skimmer } from './skim.ts';
import { objectRule } from './skim-rules.ts';
import type { Tuning } from './tuning.ts';

export interface ObjectAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Parsed JSON; undefined if the body is not JSON, or nested too deep (`skim.ts`). */
  readonly object: unknown;
}

/** Rejects if the response does not arrive in time. */
export async function fetchObject(
  connection: ApiConnection,
  kind: Kind,
  path: string,
  { requestTimeoutMs, keeping }: Tuning,
  signal: AbortSignal,
): Promise<ObjectAnswer> {
  const limit = deadline(requestTimeoutMs, signal);
  try {
    const { status, retryAfterMs, body } = await connection.stream(path, {}, limit.signal, requestTimeoutMs);
    const skimmer = new Skimmer(objectRule(kind, keeping), false);
    let read: Skimmed | undefined;
    for await (const chunk of body as AsyncIterable<Buffer>) read ??= skimmer.push(chunk)[0];
    return { status, retryAfterMs, object: read === undefined || read.isTooDeep ? undefined : parse(read.text) };
  } finally {
    limit.clear();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
