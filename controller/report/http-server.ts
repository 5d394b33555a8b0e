/**
 * Serves health, metrics and build information on the controller's own port (`--healthz-port`). No client traffic uses
 * this port.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BuildInfo, Metrics } from './metrics.ts';
import { errorText } from '../types/error-text.ts';

export interface HttpServerOptions {
  /** `--healthz-host`; empty to listen on all addresses. */
  readonly host: string;
  /** `--healthz-port`; 0 to use any free port. */
  readonly port: number;
  /** `--health-check-path`, with its leading slash. It takes precedence over `/metrics` and `/build`. */
  readonly healthPath: string;
  /** Returns undefined while the control loop is alive, otherwise what is wrong with it. */
  readonly sick: () => string | undefined;
  readonly metrics: Metrics;
  readonly build: BuildInfo & { readonly nginx: string };
}

export interface HttpServer {
  readonly port: number;
  /** Makes the health endpoint fail from now on, so that Kubernetes sends no more traffic to this pod. */
  readonly shuttingDown: () => void;
  readonly close: () => Promise<void>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const PLAIN = 'text/plain; charset=utf-8';
/** Probes and scrapes are small and few. These limits disconnect clients that send slowly or open many connections. */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};
const MOST_CONNECTIONS = 256;

function plain(status: number, text: string): Page {
  return { status, type: PLAIN, text: `${text}\n` };
}

function send(response: ServerResponse, { status, type, text }: Page, withBody: boolean): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': type, 'content-length': length, 'cache-control': 'no-store' });
  response.end(withBody ? text : undefined);
}

/**
 * Starts listening. Resolves to an `obstacle` if that fails, for example because the port is in use or the machine does
 * not have the address.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer | { readonly obstacle: string }> {
  const { metrics, build } = options;
  let leaving = false;

  function health(): Page {
    if (leaving) return plain(503, 'shutting down');
    const sick = options.sick();
    return sick === undefined ? plain(200, 'ok') : plain(503, sick);
  }

  function page(path: string): Page {
    if (path === options.healthPath) return health();
    if (path === '/build') return { status: 200, type: 'application/json', text: `${JSON.stringify(build)}\n` };
    return plain(404, 'not found');
  }

  function pageOrError(path: string): Page {
    try {
      return page(path);
    } catch (error) {
      return plain(500, String(error));
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, plain(405, 'method not allowed'), true);
    }
    const path = url.split('?', 1)[0] ?? '';
    if (path === '/metrics' && path !== options.healthPath) return sendMetrics(request, response);
    send(response, pageOrError(path), method === 'GET');
  }

  /** Sends the metrics in parts, at the speed of the client, because together they may have many megabytes. */
  async function sendMetrics({ method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const withBody = method === 'GET';
    const { contentType, parts } = metrics.page(headers.accept);
    let first: IteratorResult<string | Uint8Array, void>;
    try {
      first = await parts.next();
    } catch (error) {
      return send(response, plain(500, String(error)), withBody);
    }
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
    if (!withBody) return void response.end();
    response.write(first.value ?? '');
    await pipeline(Readable.from(parts), response);
  }

  const server = createServer(LIMITS, (request, response) => {
    // The client then notices that the answer is incomplete.
    answer(request, response).catch(() => response.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  try {
    server.listen({ port: options.port, ...(options.host !== '' && { host: options.host }) });
    await once(server, 'listening');
  } catch (error) {
    return { obstacle: `--healthz-port ${options.port}: ${errorText(error)}` };
  }
  // Ignore later errors: they concern single connections.
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    shuttingDown: () => {
      leaving = true;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
