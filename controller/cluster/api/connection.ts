/** One pool of connections to the API server, for requests and for watches. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ApiClient, ApiRequest, ApiResponse } from '../../types/api.ts';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import { loadCredentials } from './credentials.ts';
import type { ApiOptions, Credentials, TlsIdentity } from './credentials.ts';
import { deadline } from './deadline.ts';

export interface ApiReply extends ApiResponse {
  /** The server's Retry-After, in ms. */
  readonly retryAfterMs: number | undefined;
}

/** The head of an answer; `body` must be read to its end, or aborted through the signal. */
export interface ApiStream {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: Readable;
}

export interface ApiConnection extends ApiClient {
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiReply>;
  /** A GET with a streamed body. `timeoutMs` bounds only the wait for the head; rejects if none arrives. */
  readonly stream: (path: string, query: Query, signal: AbortSignal, timeoutMs: number) => Promise<ApiStream>;
  /** Closes all connections. */
  readonly close: () => Promise<void>;
}

export type Query = Readonly<Record<string, string>>;

/** With HTTP/1.1 each watch needs a connection: about 200 for single names and a dozen for kinds, besides requests. */
const MOST_CONNECTIONS = 256;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long credential files are assumed to be unchanged. */
const CREDENTIALS_MS = 10_000;
const RENEW_MS = 1000;
/** More characters of JSON than this take longer than a millisecond to parse. */
const LARGE = 100_000;

interface Open {
  readonly headers: Readonly<Record<string, string>>;
  readonly tlsId: string;
  readonly agent: Dispatcher;
  readonly readAt: number;
}

/** Rejects, with a message for the operator, if no API server is configured or a file cannot be read. */
export async function loadApi(options: ApiOptions = {}): Promise<ApiConnection> {
  const credentials = await loadCredentials(options);
  const { Agent, ProxyAgent } = await import('undici');
  const agents = new Set<Dispatcher>();
  let opening: Promise<Open> | undefined;
  let open: Open | undefined;
  let renewedAt = -Infinity;

  function agentFor({ connect }: TlsIdentity): Dispatcher {
    // With HTTP/2, one lost TLS connection would stall all kinds at once. Idle connections are closed before load
    // balancers do that.
    const shared = {
      connections: MOST_CONNECTIONS,
      allowH2: false,
      keepAliveTimeout: 30_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 10_000 };
    const agent =
      credentials.proxy === undefined
        ? new Agent({ ...shared, connect: { ...connect, ...keepAlive } })
        : new ProxyAgent({ ...shared, uri: credentials.proxy, requestTls: { ...connect } });
    agents.add(agent);
    return agent;
  }

  async function reopen(): Promise<Open> {
    const { tls, headers } = await credentials.read();
    let agent = open?.agent;
    if (agent === undefined || open?.tlsId !== tls.id) {
      if (agent !== undefined) retire(agent);
      agent = agentFor(tls);
    }
    open = { headers, tlsId: tls.id, agent, readAt: performance.now() };
    return open;
  }

  /** Watches on the old pool continue to their end; they are already verified. */
  function retire(agent: Dispatcher): void {
    agent.close().then(
      () => agents.delete(agent),
      () => agents.delete(agent),
    );
  }

  async function current(): Promise<Open> {
    if (open !== undefined && performance.now() - open.readAt < CREDENTIALS_MS) return open;
    opening ??= reopen().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function send(
    method: string,
    path: string,
    query: Query,
    signal: AbortSignal,
    content?: { readonly body: string; readonly type: string },
  ): Promise<Dispatcher.ResponseData> {
    const { agent, headers } = await current();
    signal.throwIfAborted();
    const search = new URLSearchParams(query).toString();
    const { origin, pathname } = new URL(credentials.server);
    const request = agent.request({
      origin,
      path: `${pathname === '/' ? '' : pathname}${path}${search === '' ? '' : `?${search}`}`,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'tidegate',
        ...headers,
        ...(content === undefined ? {} : { 'content-type': content.type }),
      },
      signal,
      ...(content === undefined ? {} : { body: content.body }),
    });
    const answer = await request.catch((error: unknown) => {
      // The CA may have been replaced.
      distrust();
      throw error;
    });
    if (answer.statusCode === 401) await renew(credentials);
    return answer;
  }

  /** A token or certificate was replaced before it expired. */
  async function renew(of: Credentials): Promise<void> {
    if (performance.now() - renewedAt < RENEW_MS) return;
    renewedAt = performance.now();
    await of.renew();
    distrust();
  }

  /** The files are read again before the next request. */
  function distrust(): void {
    if (open !== undefined) open = { ...open, readAt: -Infinity };
  }

  return {
    async request(method, path, { query = {}, body, contentType, timeoutMs = REQUEST_TIMEOUT_MS, signal } = {}) {
      const limit = deadline(timeoutMs, signal);
      const content =
        body === undefined ? undefined : { body: JSON.stringify(body), type: contentType ?? 'application/json' };
      try {
        const answer = await send(method, path, query, limit.signal, content);
        const text = await answer.body.text();
        // Parsing a page takes milliseconds, so each turn parses only one.
        if (text.length > LARGE) await yieldToEventLoop();
        return { status: answer.statusCode, body: parse(text), retryAfterMs: retryAfter(answer) };
      } finally {
        limit.clear();
      }
    },
    async stream(path, query, signal, timeoutMs) {
      const limit = deadline(timeoutMs, signal);
      try {
        const answer = await send('GET', path, query, limit.signal);
        limit.disarm();
        // The signal still aborts the body; the listener is removed when the body ends.
        answer.body.once('close', limit.clear);
        return { status: answer.statusCode, retryAfterMs: retryAfter(answer), body: answer.body };
      } catch (error) {
        limit.clear();
        throw error;
      }
    },
    async close() {
      await Promise.all([...agents].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Seconds, or an HTTP date. */
function retryAfter({ headers }: Dispatcher.ResponseData): number | undefined {
  const value = String(headers['retry-after'] ?? '');
  if (value === '') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
