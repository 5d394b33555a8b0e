/** The HTTPS server. Its certificate and the authorities of its clients can be replaced while it runs. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Changing, TlsPair } from '../types/changing.ts';
import { errorText } from '../types/error-text.ts';

export interface WebhookServerOptions {
  /** Empty: all addresses. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly pair: Changing<TlsPair>;
  /** PEM of the authorities of clients; undefined: clients need no certificate. */
  readonly clientAuthorities?: Changing<string>;
  /** A name in the client's certificate: its common name, or a DNS name. Undefined: every name is accepted. */
  readonly clientName?: string;
  readonly handler: RequestListener;
  /** Called with the reason why a certificate cannot be used; the previous one stays in use. */
  readonly failed: (message: string) => void;
}

export interface WebhookServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * A client that sends slowly is disconnected. The API server keeps idle connections for 90 s; if this server closed
 * them earlier, a request that is sent at that moment would fail.
 */
const LIMITS = {
  requestTimeout: 15_000,
  headersTimeout: 10_000,
  handshakeTimeout: 10_000,
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
};
const MOST_CONNECTIONS = 512;
/** When the server is closed, requests that are being answered may take this much longer. */
const CLOSE_MS = 1_000;
const OLDEST = { minVersion: 'TLSv1.2' } as const;

function hasName(request: IncomingMessage, name: string): boolean {
  const certificate = (request.socket as TLSSocket).getPeerCertificate();
  const names = (certificate.subjectaltname ?? '').split(', ');
  return [certificate.subject?.CN].flat().includes(name) || names.includes(`DNS:${name}`);
}

/** A handler that answers only clients whose certificate has this name. */
function forClient(name: string, handler: RequestListener): RequestListener {
  return (request, response) => {
    if (hasName(request, name)) return handler(request, response);
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end(`the certificate of the client is not for ${JSON.stringify(name)}\n`);
    request.resume();
    return undefined;
  };
}

/** Uses the newest pair and authorities, once both exist. Until then, every handshake fails. */
function renew(server: Server, { pair, clientAuthorities, failed }: WebhookServerOptions): void {
  const [newest, ca] = [pair.current(), clientAuthorities?.current()];
  // Without `ca`, the authorities of the system would be trusted.
  if (newest === undefined || (clientAuthorities !== undefined && ca === undefined)) return;
  try {
    server.setSecureContext({ ...OLDEST, cert: newest.cert, key: newest.key, ...(ca !== undefined && { ca }) });
  } catch (error) {
    failed(errorText(error));
  }
}

/** Resolves to an `obstacle` if listening fails, for example because the port is in use. */
export async function listenForReviews(
  options: WebhookServerOptions,
): Promise<WebhookServer | { readonly obstacle: string }> {
  const { host, port, pair, clientAuthorities, clientName } = options;
  const checksClients = clientAuthorities !== undefined;
  const handler = checksClients && clientName !== undefined ? forClient(clientName, options.handler) : options.handler;
  const server = createServer(
    { ...LIMITS, ...OLDEST, requestCert: checksClients, rejectUnauthorized: checksClients },
    handler,
  );
  server.maxConnections = MOST_CONNECTIONS;
  for (const value of [pair, clientAuthorities]) value?.onChange(() => renew(server, options));
  renew(server, options);
  try {
    server.listen({ port, ...(host !== '' && { host }) });
    await once(server, 'listening');
  } catch (error) {
    return { obstacle: errorText(error) };
  }
  // Later errors concern single connections.
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await Promise.race([closed, wait(CLOSE_MS, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
  };
}
