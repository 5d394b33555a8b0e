/** A client of the live API for specs, and functions that create documents, deltas and the content of live.data. */
import { createHash } from 'node:crypto';
import type { LiveBackend, LiveCertificate, LiveSettings } from '../../controller/types/live.ts';
import type { LiveRoute } from '../../controller/types/live-route.ts';
import { request } from './request.ts';
import type { Answer } from './request.ts';

/** Values by key. A `text` is sent unchanged instead of as JSON; null removes the key. */
export type Values = Record<
  string,
  LiveRoute | LiveBackend | LiveCertificate | LiveSettings | { readonly text: string } | string | null
>;

export interface LiveState {
  readonly revision: number;
  readonly digest: string;
  readonly capacity: number;
  readonly free: number;
  readonly conf: string;
  readonly generation: number;
  readonly master: { readonly pid: number; readonly start: string; readonly idle: boolean };
  readonly draining: boolean;
  readonly closedEarly: number;
  readonly workers: readonly {
    readonly pid: number;
    readonly id: number;
    readonly generation: number;
    readonly conf: string;
    readonly count: number;
  }[];
}

export interface ApiClient {
  /** Rejects unless the answer is 200. */
  state(): Promise<LiveState>;
  /** The MD5 of the text of each key. */
  keys(): Promise<Map<string, string>>;
  /** Sends a delta with this body. */
  post(body: string): Promise<Answer>;
  /**
   * Sends a delta that sets `values`, based on the current revision. Throws unless it is accepted. Returns the new
   * revision.
   */
  push(values: Values): Promise<number>;
  send(method: string, path: string, body?: string): Promise<Answer>;
}

/** An arbitrary digest. NGINX stores digests without checking them. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A batch in the format of docs/live-data.md. */
export function batch(base: number, values: Values, revision = base + 1): string {
  const lines = Object.entries(values).map(([key, value]) => {
    if (value === null) return `del ${key}`;
    return `set ${key} ${typeof value === 'object' && 'text' in value ? value.text : JSON.stringify(value)}`;
  });
  return `begin ${base}\n${lines.map((line) => `${line}\n`).join('')}end ${revision} ${digestOf(lines.join())}\n`;
}

/** The content of live.data with one batch that leads to `revision`. */
export function liveFile(values: Values, revision = 1): string {
  return `tidegate-live 1\n${batch(0, values, revision)}`;
}

/** A route that proxies to `backend`, with `changes`. */
export function route(backend: string | null, changes: Partial<LiveRoute> = {}): LiveRoute {
  return {
    backend,
    ingress: 'shop/web',
    path: '/',
    tlsRedirect: 'never',
    tries: 3,
    balance: 'round_robin',
    ...changes,
  };
}

/** A backend with endpoints on 127.0.0.1, each given as its port, or as port and weight. */
export function endpoints(...ports: readonly (number | readonly [number, number])[]): LiveBackend {
  return {
    endpoints: ports.map((port) =>
      typeof port === 'number' ? ['127.0.0.1', port, 1] : ['127.0.0.1', port[0], port[1]],
    ),
  };
}

/** A client of the live API on `socketPath`. It opens a new connection for every request. */
export function apiClient(socketPath: string): ApiClient {
  function send(method: string, path: string, body?: string): Promise<Answer> {
    const content = body === undefined ? {} : { body, headers: { 'Content-Length': String(Buffer.byteLength(body)) } };
    return request({ socketPath, method, path, ...content });
  }
  async function state(): Promise<LiveState> {
    const { status, body } = await send('GET', '/v1/state');
    if (status !== 200) throw new Error(`GET /v1/state: ${status} ${body}`);
    return JSON.parse(body) as LiveState;
  }
  return {
    send,
    state,
    keys: async () => {
      const { body } = await send('GET', '/v1/keys');
      const rows = body.split('\n').filter(Boolean);
      return new Map(rows.map((row) => row.split(' ') as [string, string]));
    },
    post: (body) => send('POST', '/v1/delta', body),
    push: async (values) => {
      const { revision } = await state();
      const answer = await send('POST', '/v1/delta', batch(revision, values));
      if (answer.status !== 200) throw new Error(`the delta was refused: ${answer.body}`);
      return revision + 1;
    },
  };
}
