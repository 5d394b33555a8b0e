/** A TCP or TLS connection that sends one request at a time and never retries a request. */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readAnswer } from './answer.ts';
import type { Answer } from './answer.ts';

export interface Target {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly tls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's address on this machine; 127.0.0.1 by default. */
  readonly from?: string;
}

/**
 * How a request ended. `reused-closed`: the connection had already carried a response, and the server closed it before
 * the first byte of the next one.
 */
export type Exchange =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly ms: number }
  | { readonly kind: 'refused' | 'cut' | 'reused-closed' | 'timeout'; readonly detail: string; readonly ms: number };

export interface Connection {
  /** Sends a GET request and waits at most `timeout` milliseconds for the whole response. */
  request(target: Target, timeout: number): Promise<Exchange>;
  close(): void;
  /** The client's port; 0 until the connection is established. */
  readonly localPort: number;
  /** Whether the connection is closed, so that no other request can be sent. */
  readonly closed: boolean;
}

function write(socket: Socket, target: Target, keep: boolean): void {
  const extra = Object.entries(target.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const connection = keep ? '' : 'Connection: close\r\n';
  socket.write(`GET ${target.path} HTTP/1.1\r\nHost: ${target.host}\r\n${connection}${extra.join('')}\r\n`);
}

/** Opens a connection. With `keep`, it can send several requests, otherwise one. */
export function openConnection(first: Target, keep: boolean): Connection {
  const end = { port: first.port, host: '127.0.0.1', ...(first.from !== undefined && { localAddress: first.from }) };
  const socket = first.tls
    ? connectTls({ ...end, servername: first.host, rejectUnauthorized: false })
    : connectTcp(end);
  socket.setNoDelay(true);
  let served = 0;
  let closed = false;
  let failure = '';
  socket.on('error', (error: Error) => {
    failure = error.message;
  });
  socket.on('close', () => (closed = true));
  socket.on('end', () => (closed = true));

  function request(target: Target, timeout: number): Promise<Exchange> {
    const started = performance.now();
    const reused = served > 0;
    let bytes = Buffer.alloc(0);
    return new Promise((resolve) => {
      function finish(
        exchange:
          | { kind: 'answer'; answer: Answer }
          | { kind: 'refused' | 'cut' | 'reused-closed' | 'timeout'; detail: string },
      ): void {
        clearTimeout(timer);
        socket.off('data', onData).off('end', onEnd).off('close', onEnd);
        served += 1;
        if (exchange.kind !== 'answer' || exchange.answer.closes || !keep) {
          closed = true;
          socket.destroy();
        }
        resolve({ ...exchange, ms: performance.now() - started });
      }
      function onData(chunk: Buffer): void {
        bytes = Buffer.concat([bytes, chunk]);
        const reading = readAnswer(bytes, false);
        if (reading.done) finish({ kind: 'answer', answer: reading.answer });
      }
      function onEnd(): void {
        const reading = readAnswer(bytes, true);
        const detail = failure || `closed after ${bytes.length} bytes`;
        if (reading.done) finish({ kind: 'answer', answer: reading.answer });
        else if (bytes.length > 0) finish({ kind: 'cut', detail });
        else finish({ kind: reused ? 'reused-closed' : 'refused', detail });
      }
      const timer = setTimeout(() => finish({ kind: 'timeout', detail: `no response within ${timeout} ms` }), timeout);
      socket.on('data', onData).on('end', onEnd).on('close', onEnd);
      if (closed) onEnd();
      else write(socket, target, keep);
    });
  }
  return {
    request,
    close: () => void socket.destroy(),
    get localPort() {
      return socket.localPort ?? 0;
    },
    get closed() {
      return closed;
    },
  };
}

/** Sends one request on a new connection. */
export async function requestOnce(target: Target, timeout = 5000): Promise<Exchange> {
  return openConnection(target, false).request(target, timeout);
}
