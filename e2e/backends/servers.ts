/**
 * The listeners of the echo server: HTTP/1, HTTPS, HTTP/2 without TLS, HTTP/2 over TLS, one that accepts all of these
 * on one port, and FastCGI. Each listens on every address of 127.0.0.0/8.
 */
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { ServerResponse } from 'node:http';
import { constants, createSecureServer, createServer as createH2c } from 'node:http2';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { KeyPair } from '../certificates.ts';
import { answer } from './answer.ts';
import { admit, countConnections } from './connections.ts';
import { createFastcgi } from './fastcgi.ts';
import { answerGrpc } from './grpc.ts';
import { echoWebSocket } from './websocket.ts';

export const PROTOCOLS = ['http', 'https', 'h2c', 'h2', 'any', 'fastcgi'] as const;
/** The server name for which the certificate with two intermediate CAs is presented. */
export const DEEP_NAME = 'deep.backend.test';
export type Protocol = (typeof PROTOCOLS)[number];
export type Ports = Readonly<Record<Protocol, number>>;

function serveHttp2(server: Http2Server | Http2SecureServer): void {
  server.on('request', (request, response) => {
    const grpc = request.headers['content-type']?.startsWith('application/grpc');
    const done = grpc
      ? answerGrpc(request, response)
      : answer(request, response as unknown as ServerResponse, request.socket);
    done.catch(() => request.stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  });
  server.on('session', (session) => session.on('error', () => session.destroy()));
}

async function listen(server: Server | Http2Server | Http2SecureServer, secure: boolean): Promise<number> {
  server.on('connection', admit);
  if (secure) server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  server.listen({ port: 0, host: '0.0.0.0', backlog: 1024 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no TCP port');
  return address.port;
}

const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = 'PRI ';

/** A server that passes each connection to the server for its protocol, which the first bytes show. */
function sniff(servers: Readonly<Record<'http' | 'h2c' | 'tls', Server | Http2Server | Http2SecureServer>>): Server {
  return createTcp((socket) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === TLS_HANDSHAKE) servers.tls.emit('connection', socket);
      else if (chunk.toString('latin1', 0, 4) === HTTP2_PREFACE) servers.h2c.emit('connection', socket);
      else {
        servers.http.emit('connection', socket);
        // Only the HTTP/1 server reads from the socket's stream. The other two read the buffered bytes, and then from
        // the handle of the socket.
        socket.resume();
      }
    });
  });
}

/**
 * Starts all listeners. `pair` is the certificate of the TLS listeners, `deep` is their certificate for DEEP_NAME, and
 * `ca` is the CA that verifies client certificates, which are not required.
 */
export async function startServers(pair: KeyPair, deep: KeyPair, ca: string): Promise<Ports> {
  const context = createSecureContext({ ...deep, ca });
  const tls = {
    SNICallback: (name: string, done: (error: Error | null, chosen?: SecureContext) => void) =>
      done(null, name === DEEP_NAME ? context : undefined),
    ...pair,
    ca,
    requestCert: true,
    rejectUnauthorized: false,
    keepAliveTimeout: 60_000,
  };
  const http = createHttp({ keepAliveTimeout: 60_000 });
  const https = createHttps(tls);
  for (const server of [http, https]) {
    server.on('request', (request, response) => {
      if (request.url !== '/_connections') return void answer(request, response, request.socket);
      response.end(JSON.stringify(countConnections()));
    });
    server.on('upgrade', (request, socket) => {
      echoWebSocket(request, socket, `${request.socket.localAddress}:${request.socket.localPort}`);
    });
  }
  const h2c = createH2c();
  const h2 = createSecureServer(tls);
  serveHttp2(h2c);
  serveHttp2(h2);
  const either = createSecureServer({ ...tls, allowHTTP1: true });
  serveHttp2(either);
  return {
    http: await listen(http, false),
    https: await listen(https, true),
    h2c: await listen(h2c, false),
    h2: await listen(h2, true),
    fastcgi: await listen(createFastcgi(), false),
    any: await listen(sniff({ http, h2c, tls: either }), false),
  };
}
