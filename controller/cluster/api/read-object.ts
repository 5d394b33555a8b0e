/** Reads one object by its name. */
import type { Kind } from '../../types/snapshot.ts';
import type { ApiConnection } from './connection.ts';
import { deadline } from './deadline.ts';
import { Skimmer } from './skim.ts';
import { objectRule } from './skim-rules.ts';
import type { Tuning } from './tuning.ts';

export interface ObjectAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Parsed JSON; undefined if the body is not JSON. */
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
    let text = '';
    for await (const chunk of body as AsyncIterable<Buffer>) text = skimmer.push(chunk)[0] ?? text;
    return { status, retryAfterMs, object: parse(text) };
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
