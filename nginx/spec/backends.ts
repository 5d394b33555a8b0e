/** Backends of NGINX that answer with a description of the request. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The request as a backend received it. This is the body of the backend's response, as JSON. */
export interface Seen {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Backend {
  readonly port: number;
  /** Number of requests so far. */
  readonly count: () => number;
  close(): Promise<void>;
}

/**
 * Starts a backend on a free port. The request header X-Answer sets the status of the response, and X-Delay the delay
 * before it in milliseconds.
 */
export async function startBackend(name: string, host = '127.0.0.1'): Promise<Backend> {
  let count = 0;
  const server: Server = createServer((incoming, outgoing) => {
    count += 1;
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const seen: Seen = { backend: name, method, url, headers, body };
      setTimeout(
        () => {
          outgoing.writeHead(Number(headers['x-answer'] ?? 200), { 'Content-Type': 'application/json' });
          outgoing.end(JSON.stringify(seen));
        },
        Number(headers['x-delay'] ?? 0),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
