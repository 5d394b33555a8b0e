/**
 * A backend in the process of the test, so that the test decides when it responds, and can read what it received.
 */
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSE, decodeFrame, echoWebSocket, encodeFrame, PING, PONG } from '../../backends/websocket.ts';

/** The description of a request after its whole body was received. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  /** Names are in lower case; the values of repeated headers are joined. */
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly length: number;
  readonly sha256: string;
}

export interface Origin {
  readonly port: number;
  /** `METHOD target` of every request whose head was received. */
  readonly heads: string[];
  /**
   * Emits `head` with the target of each request, `aborted` with the target of a request whose connection was closed
   * before its response, `streaming` when a response to `/events` has begun, and `upgraded` when a WebSocket was
   * opened.
   */
  readonly events: EventEmitter;
  /** Sends another piece of the responses to `/events`. */
  push(text: string): void;
  /** Sends a Ping on every WebSocket; the Pong is emitted as `pong`. */
  ping(text: string): void;
  closeWebSockets(code: number, reason: string): void;
  stop(): Promise<void>;
}

async function arrivalOf(request: IncomingMessage): Promise<Arrival> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    length += chunk.length;
  }
  const { method = '', url: target = '', headers, trailers } = request;
  return { method, target, headers, trailers, length, sha256: hash.digest('hex') };
}

/**
 * Responds as the last step of the path says: `events` sends a stream, `early` responds before the body, `never` does
 * not respond, `chunks` sends a chunked body, and `late` waits first. The default is a description of the request as
 * JSON.
 */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { streams, events }: { readonly streams: Set<ServerResponse>; readonly events: EventEmitter },
): Promise<void> {
  const what = /\/([a-z]*)(\?.*)?$/.exec(request.url ?? '')?.[1];
  if (what === 'events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    streams.add(response);
    events.emit('streaming');
    return;
  }
  if (what === 'early') return void response.writeHead(403, { 'Content-Length': 3 }).end('no\n');
  if (what === 'never') return;
  if (what === 'late') await sleep(150);
  const arrival = await arrivalOf(request);
  if (what !== 'chunks') {
    const body = JSON.stringify(arrival);
    return void response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) }).end(body);
  }
  response.writeHead(200, { Trailer: 'X-Sum' });
  for (const text of ['one ', 'two ', 'three']) {
    response.write(text);
    await sleep(10);
  }
  response.addTrailers({ 'X-Sum': '6' });
  response.end();
}

/** Starts the backend on a free port on 127.0.0.1. */
export async function startOrigin(): Promise<Origin> {
  const heads: string[] = [];
  const events = new EventEmitter();
  const streams = new Set<ServerResponse>();
  const server: Server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    heads.push(`${request.method} ${request.url}`);
    events.emit('head', request.url);
    response.on('close', () => {
      streams.delete(response);
      if (!response.writableEnded) events.emit('aborted', request.url);
    });
    serve(request, response, { streams, events }).catch(() => request.socket.destroy());
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      const frame = decodeFrame(bytes);
      if (frame?.opcode === PONG) events.emit('pong', String(frame.payload));
    });
    echoWebSocket(request, socket, '127.0.0.1');
    events.emit('upgraded');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    events,
    push: (text) => streams.forEach((stream) => stream.write(text)),
    ping: (text) => upgraded.forEach((socket) => socket.write(encodeFrame(Buffer.from(text), PING))),
    closeWebSockets: (code, reason) => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(code);
      for (const socket of upgraded) socket.write(encodeFrame(Buffer.concat([head, Buffer.from(reason)]), CLOSE));
    },
    stop: async () => {
      // The server does not close sockets that were upgraded.
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
