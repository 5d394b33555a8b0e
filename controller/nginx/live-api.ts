/**
 * Client of the live API (docs/live-data.md), which is HTTP on a unix socket. No call rejects: failures are returned as
 * values.
 */
import { type Dispatcher, Pool } from 'undici';
import type { buildConnector } from 'undici';
import { z } from 'zod';
import type { LeftOutEndpoint } from '../types/nginx.ts';

// The defaults apply if an earlier version of Tidegate started NGINX, and NGINX has not been reloaded since.
const STATE = z.object({
  revision: z.number().int(),
  digest: z.string(),
  capacity: z.number(),
  free: z.number(),
  conf: z.string(),
  generation: z.number().int(),
  master: z.object({ pid: z.number().int(), start: z.string(), idle: z.boolean().default(false) }),
  closedEarly: z.number().int().default(0),
  workers: z.array(
    z.object({
      pid: z.number().int(),
      id: z.number().int(),
      generation: z.number().int(),
      conf: z.string(),
      count: z.number().int(),
    }),
  ),
});
const ACCEPTED = z.object({ revision: z.number().int() });
const GENERATION = z.object({ generation: z.number().int() });
const LEFT_OUT = z.object({
  endpoints: z.array(z.object({ backend: z.string(), endpoint: z.string(), out: z.boolean(), probe: z.number() })),
});
const REFUSAL = z.object({ error: z.string(), message: z.string() });

export type LiveState = z.infer<typeof STATE>;

/**
 * `unreachable`: there was no response, or it did not follow this protocol. Then it is unknown whether a delta took
 * effect.
 */
export type LiveApiFailure =
  | { readonly ok: false; readonly kind: 'unreachable'; readonly message: string }
  | { readonly ok: false; readonly kind: 'refused'; readonly code: string; readonly message: string };

export type LiveApiAnswer<T> = { readonly ok: true; readonly value: T } | LiveApiFailure;

export interface LiveApi {
  state(): Promise<LiveApiAnswer<LiveState>>;
  /** Returns the MD5 (32 hex digits) of the JSON text of each live key. */
  keys(): Promise<LiveApiAnswer<ReadonlyMap<string, string>>>;
  /** Returns the endpoints that are left out of balancing by the worker that happens to answer. */
  leftOutEndpoints(): Promise<LiveApiAnswer<readonly LeftOutEndpoint[]>>;
  /** Sends one batch of lines; returns the revision in force after it. */
  delta(body: string): Promise<LiveApiAnswer<number>>;
  /** Tells the workers that the caller is about to make NGINX reload nginx.conf; returns their generation. */
  announce(): Promise<LiveApiAnswer<number>>;
  /**
   * Makes NGINX reload nginx.conf, whose hash must be `confHash`. Returns the generation that was in force until then.
   */
  reload(confHash: string): Promise<LiveApiAnswer<number>>;
  /** Sets whether NGINX's readiness probe fails, so that load balancers send no more traffic. */
  drain(draining: boolean): Promise<LiveApiAnswer<string>>;
  /** The text of the answer to a call that only reads. */
  read(path: string): Promise<LiveApiAnswer<string>>;
  /** Makes the draining workers up to this generation close their connections; returns the generation. */
  end(generation: number): Promise<LiveApiAnswer<number>>;
  close(): Promise<void>;
}

const KIB = 1024;

/** Maximum length of a response, in bytes. Without a limit, a compromised worker could send data endlessly. */
const ANSWER_MAX = 64 * KIB;
/** Enough for some 8,000 worker processes. */
const STATE_MAX = 1024 * KIB;
/** Enough for some 500,000 keys. */
const KEYS_MAX = 64 * 1024 * KIB;
/** A response that contains counted requests ends after about 1 MiB. */
const READ_MAX = 2 * 1024 * KIB;
/** Enough for some 30,000 endpoints. */
const LEFT_OUT_MAX = 4 * 1024 * KIB;
/** A response may take at most `timeoutMs` times this number. */
const PATIENCE = 10;

/**
 * `timeoutMs` limits each wait: for the connection, for the head of the response, and between two parts of its body. A
 * response is aborted when it exceeds its maximum length, or takes longer than ten times `timeoutMs`. `connector`
 * replaces undici's own connector, which follows symbolic links.
 */
export function createLiveApi(socket: string, timeoutMs: number, connector?: buildConnector.connector): LiveApi {
  const pool = new Pool('http://localhost', {
    connect: connector ?? { socketPath: socket, timeout: timeoutMs },
    connections: 4,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  async function request(
    method: 'GET' | 'POST',
    path: string,
    body?: string,
    most = ANSWER_MAX,
  ): Promise<LiveApiAnswer<string>> {
    try {
      // Each request gets a new connection. A reload closes idle connections, and a delta on a closed connection would
      // have to be verified afterwards.
      const given = { method, path, reset: true, signal: AbortSignal.timeout(PATIENCE * timeoutMs) };
      const answer = await pool.request({ ...given, ...(body === undefined ? {} : { body }) });
      const text = await textWithin(answer.body, most);
      if (text === undefined)
        return { ok: false, kind: 'unreachable', message: `the response to ${path} is longer than ${most} bytes` };
      return answer.statusCode < 300 ? { ok: true, value: text } : refusal(answer.statusCode, text);
    } catch (error) {
      return { ok: false, kind: 'unreachable', message: describe(error) };
    }
  }

  return {
    async state() {
      const answer = await request('GET', '/v1/state', undefined, STATE_MAX);
      return answer.ok ? decodeAnswer(STATE, answer.value) : answer;
    },
    async keys() {
      const answer = await request('GET', '/v1/keys', undefined, KEYS_MAX);
      return answer.ok ? { ok: true, value: parseKeys(answer.value) } : answer;
    },
    async leftOutEndpoints() {
      const answer = await request('GET', '/v1/endpoints', undefined, LEFT_OUT_MAX);
      if (!answer.ok) return answer;
      const found = decodeAnswer(LEFT_OUT, answer.value);
      if (!found.ok) return found;
      const value = found.value.endpoints.flatMap(({ backend, endpoint, out, probe }) =>
        out ? [{ backend, endpoint, seconds: probe }] : [],
      );
      return { ok: true, value };
    },
    async delta(body) {
      const answer = await request('POST', '/v1/delta', body);
      if (!answer.ok) return answer;
      const accepted = decodeAnswer(ACCEPTED, answer.value);
      return accepted.ok ? { ok: true, value: accepted.value.revision } : accepted;
    },
    announce: async () => generationFrom(await request('POST', '/v1/announce', '')),
    reload: async (confHash) => generationFrom(await request('POST', '/v1/reload', JSON.stringify({ conf: confHash }))),
    read: (path) => request('GET', path, undefined, READ_MAX),
    drain: (draining) => request('POST', '/v1/drain', JSON.stringify({ draining })),
    end: async (generation) => generationFrom(await request('POST', '/v1/end', JSON.stringify({ generation }))),
    close: () => pool.destroy(),
  };
}

function generationFrom(answer: LiveApiAnswer<string>): LiveApiAnswer<number> {
  if (!answer.ok) return answer;
  const found = decodeAnswer(GENERATION, answer.value);
  return found.ok ? { ok: true, value: found.value.generation } : found;
}

/** A body as text; undefined if it is longer than the limit, in which case the rest is not read. */
async function textWithin(body: Dispatcher.ResponseData['body'], most: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > most) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Reads the JSON text of an answer. */
export function decodeAnswer<T>(schema: z.ZodType<T>, text: string): LiveApiAnswer<T> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    kind: 'unreachable',
    message: `unexpected response from the live API: ${z.prettifyError(parsed.error)}`,
  };
}

/**
 * A JSON body is a refusal by the live API. If NGINX itself answers in HTML (502, or 500 after a Lua error), that is
 * not a refusal, because a retry may help.
 */
function refusal(status: number, text: string): LiveApiFailure {
  const parsed = REFUSAL.safeParse(parseJson(text));
  if (!parsed.success) return { ok: false, kind: 'unreachable', message: `the live API answered ${status}` };
  return { ok: false, kind: 'refused', code: parsed.data.error, message: parsed.data.message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function parseKeys(text: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (space > 0) keys.set(line.slice(0, space), line.slice(space + 1));
  }
  return keys;
}

function describe(error: unknown): string {
  const known = error as NodeJS.ErrnoException;
  return known.code === undefined ? String(error) : `${known.code}: ${known.message}`;
}
