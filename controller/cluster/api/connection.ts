/** A pool of connections to the API server, for requests and watches. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ApiClient, ApiRequest, ApiResponse } from '../../types/api.ts';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import { loadCredentials } from './credentials.ts';
import type { ApiOptions, Credentials, TlsIdentity } from './credentials.ts';
import { deadline } from './deadline.ts';

export interface ApiReply extends ApiResponse {
  /** The delay in the response's Retry-After header, in ms. */
  readonly retryAfterMs: number | undefined;
}

/** The status and headers of a response, and its body. The caller must read `body` to its end or abort the signal. */
export interface ApiStream {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: Readable;
}

export interface ApiConnection extends ApiClient {
  /** URL of the API server. */
  readonly server: string;
  readonly request: (method: string, path: string, options?: ApiRequest) => Promise<ApiReply>;
  /**
   * Sends a GET request whose response body is streamed. `timeoutMs` limits only the wait for the response's head;
   * rejects if the head does not arrive.
   */
  readonly stream: (path: string, query: Query, signal: AbortSignal, timeoutMs: number) => Promise<ApiStream>;
  /** Closes all connections. */
  readonly close: () => Promise<void>;
}

export type Query = Readonly<Record<string, string>>;

/**
 * With HTTP/1.1 each watch needs a connection: about 200 for single names and about twelve for kinds. Requests need
 * additional connections.
 */
const MOST_CONNECTIONS = 256;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long credential files are assumed to be unchanged. */
const CREDENTIALS_MS = 10_000;
const RENEW_MS = 1000;
/** JSON documents with more characters than this take longer than a millisecond to parse. */
const LARGE = 100_000;

/** What a request has besides its path. */
interface Sent {
  readonly content?: { readonly body: string; readonly type: string };
  /** The media type of the response. */
  readonly accept?: string;
}

interface Open {
  readonly headers: Readonly<Record<string, string>>;
  readonly tlsId: string;
  readonly agent: Dispatcher;
  readonly readAt: number;
}

/** Rejects with a message for the operator if no API server is configured or if a file cannot be read. */
export async function loadApi(options: ApiOptions = {}): Promise<ApiConnection> {
  const credentials = await loadCredentials(options);
  const { Agent, ProxyAgent } = await import('undici');
  const agents = new Set<Dispatcher>();
  let opening: Promise<Open> | undefined;
  let open: Open | undefined;
  let renewedAt = -Infinity;

  function agentFor({ connect }: TlsIdentity): Dispatcher {
    // HTTP/2 is off, because one lost TLS connection would stall the watches of all kinds at once. Idle connections are
    // closed before a load balancer would close them.
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

  /**
   * Lets watches on the old pool continue to their end, because their connections were verified when they were opened.
   */
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
    { content, accept = 'application/json' }: Sent = {},
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
        accept,
        'user-agent': 'tidegate',
        ...headers,
        ...(content === undefined ? {} : { 'content-type': content.type }),
      },
      signal,
      ...(content === undefined ? {} : { body: content.body }),
    });
    const answer = await request.catch((error: unknown) => {
      // The server's certificate may have a new CA.
      distrust();
      throw error;
    });
    if (answer.statusCode === 401) await renew(credentials);
    return answer;
  }

  /**
   * Reads the credentials again, at most once per second, in case a token or certificate was replaced before it
   * expired.
   */
  async function renew(of: Credentials): Promise<void> {
    if (performance.now() - renewedAt < RENEW_MS) return;
    renewedAt = performance.now();
    await of.renew();
    distrust();
  }

  /** Makes the next request read the credential files again. */
  function distrust(): void {
    if (open !== undefined) open = { ...open, readAt: -Infinity };
  }

  return {
    server: credentials.server,
    async request(method, path, sent = {}) {
      const { query = {}, body, contentType, accept, timeoutMs = REQUEST_TIMEOUT_MS, signal } = sent;
      const limit = deadline(timeoutMs, signal);
      const content =
        body === undefined ? undefined : { body: JSON.stringify(body), type: contentType ?? 'application/json' };
      try {
        const answer = await send(method, path, query, limit.signal, {
          ...(content !== undefined && { content }),
          ...(accept !== undefined && { accept }),
        });
        const text = await answer.body.text();
        // Parsing a page takes milliseconds, so only one page is parsed in each turn of the event loop.
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
        // The signal can still abort the body. Its listener is removed when the body ends.
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

/** Parses the Retry-After header, which is a number of seconds or an HTTP date. Returns milliseconds. */
function retryAfter({ headers }: Dispatcher.ResponseData): number | undefined {
  const value = String(headers['retry-after'] ?? '');
  if (value === '') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
