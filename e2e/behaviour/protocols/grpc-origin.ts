/**
 * A gRPC server on Node's HTTP/2. The methods of `/test.Echo/` are Unary, Watch (sends a stream of messages that the
 * test gives), Sum (receives a stream), Chat (receives and sends streams), Fail and FailLate (end with an error), and
 * Hang (never responds).
 */
import { EventEmitter, once } from 'node:events';
import { createSecureServer, createServer } from 'node:http2';
import type { Http2SecureServer, Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { frameMessage } from '../../backends/grpc.ts';
import { issue } from '../../certificates.ts';
import { onMessage } from './grpc-messages.ts';

export interface GrpcOrigin {
  readonly ports: { readonly h2c: number; readonly h2: number };
  /**
   * Emits `message` with each string that Sum receives, `begun` when Watch or Hang is called, and `cancelled` when the
   * client cancels a call of Hang.
   */
  readonly events: EventEmitter;
  /** Sends a message in every call of Watch; undefined ends the calls. */
  give(text: string | undefined): void;
  stop(): Promise<void>;
}

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

function begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, status: string, message: string): void {
  const binary = headers['x-trace-bin'];
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': message }));
  stream.respond(
    {
      ...HEAD,
      ...(binary !== undefined && { 'x-trace-bin': binary }),
      'x-te': headers.te ?? '',
      'x-timeout': headers['grpc-timeout'] ?? '',
    },
    { waitForTrailers: true },
  );
}

function serve(origin: { events: EventEmitter; watchers: Set<ServerHttp2Stream> }) {
  return (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    stream.on('error', () => stream.destroy());
    const method = headers[':path']?.split('/').at(-1);
    if (method === 'Fail') {
      stream.respond({ ...HEAD, 'grpc-status': '7', 'grpc-message': 'not%20you' }, { endStream: true });
      return;
    }
    if (method === 'Hang') {
      origin.events.emit('begun');
      stream.on('close', () => origin.events.emit('cancelled', stream.rstCode));
      stream.resume();
      return;
    }
    begin(stream, headers, method === 'FailLate' ? '13' : '0', method === 'FailLate' ? 'half%20way' : '');
    if (method === 'Watch') {
      origin.watchers.add(stream);
      origin.events.emit('begun');
      stream.on('close', () => origin.watchers.delete(stream));
      stream.resume();
      return;
    }
    const taken: string[] = [];
    onMessage(stream, (message) => {
      taken.push(String(message));
      if (method === 'Sum') origin.events.emit('message', String(message));
      else stream.write(frameMessage(message));
    });
    stream.on('end', () => stream.end(method === 'Sum' ? frameMessage(Buffer.from(taken.join('+'))) : undefined));
  };
}

async function listen(server: Http2Server | Http2SecureServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Starts the server without TLS and with TLS, on free ports of 127.0.0.1. */
export async function startGrpcOrigin(): Promise<GrpcOrigin> {
  const events = new EventEmitter();
  const watchers = new Set<ServerHttp2Stream>();
  const servers = { h2c: createServer(), h2: createSecureServer(await issue(['grpc.test'])) };
  const sessions = new Set<{ destroy(): void }>();
  for (const server of Object.values(servers)) {
    server.on('stream', serve({ events, watchers }));
    server.on('session', (session) => {
      sessions.add(session);
      session.on('error', () => session.destroy());
      session.on('close', () => sessions.delete(session));
    });
  }
  return {
    ports: { h2c: await listen(servers.h2c), h2: await listen(servers.h2) },
    events,
    give: (text) => {
      for (const stream of watchers) {
        if (text === undefined) stream.end();
        else stream.write(frameMessage(Buffer.from(text)));
      }
    },
    stop: async () => {
      for (const session of sessions) session.destroy();
      await Promise.all(
        Object.values(servers).map(async (server) => {
          const closed = once(server, 'close');
          server.close();
          await closed;
        }),
      );
    },
  };
}
