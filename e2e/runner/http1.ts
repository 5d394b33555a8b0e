/** Sends one HTTP/1 request without an HTTP library, so that nothing normalizes the path or adds a header. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { decodeFrame, encodeFrame } from '../backends/websocket.ts';
import { readAnswer } from '../client/answer.ts';
import type { RequestSpec } from './scenario.ts';
import type { Seen } from './seen.ts';
import { certificateOf, tlsOf } from './socket.ts';

function bodyOf(spec: RequestSpec): Buffer | undefined {
  if (spec.body === undefined) return undefined;
  return typeof spec.body === 'string' ? Buffer.from(spec.body) : Buffer.alloc(spec.body.size, 'b');
}

function write(socket: Socket, spec: RequestSpec): void {
  const body = bodyOf(spec);
  const chunked = typeof spec.body === 'object' && spec.body.chunked;
  const head = [`${spec.method} ${spec.path} HTTP/${spec.http}`];
  if (spec.host !== false) head.push(`Host: ${spec.host}`);
  for (const [name, value] of Object.entries(spec.headers)) head.push(`${name}: ${value}`);
  if (spec.websocket !== undefined) {
    head.push('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13');
    head.push(`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`);
  } else head.push('Connection: close');
  if (body) head.push(chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`);
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  if (body && chunked) socket.write(`${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`);
  else if (body) socket.write(body);
}

/** Sends a request on an open connection and reads the whole response. */
export async function sendHttp1(socket: Socket, spec: RequestSpec): Promise<Seen> {
  const started = performance.now();
  const [certificate, tls] = [certificateOf(socket), tlsOf(socket)];
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const waiting: Buffer[] = [];
    let sent = false;
    const timer = setTimeout(() => fail(new Error('no complete response within 15 s')), 15_000);
    function finish(seen: Seen): void {
      clearTimeout(timer);
      resolve(seen);
      socket.destroy();
    }
    function fail(error: Error): void {
      clearTimeout(timer);
      reject(error);
      socket.destroy();
    }
    function read(ended: boolean): void {
      const reading = readAnswer(bytes, ended, spec.method === 'HEAD');
      if (!reading.done) return ended ? fail(new Error(`connection closed after ${bytes.length} bytes`)) : undefined;
      const { status, headers, setCookies, body } = reading.answer;
      const seen = { status, headers, setCookies, body, trailers: new Map<string, string>(), certificate, tls };
      if (status !== 101 || spec.websocket === undefined) {
        return finish({ ...seen, messages: [], ms: performance.now() - started });
      }
      if (!sent) socket.write(encodeFrame(Buffer.from(spec.websocket), 1, randomBytes(4)));
      sent = true;
      const frame = decodeFrame(body);
      if (frame) finish({ ...seen, messages: [frame.payload.toString()], ms: performance.now() - started });
    }
    socket.on('data', (chunk: Buffer) => {
      // With `stall`, the response is long. Its chunks are joined only once, when the connection ends.
      if (spec.stall !== undefined) return void waiting.push(chunk);
      bytes = Buffer.concat([bytes, chunk]);
      read(false);
    });
    socket.on('end', () => {
      bytes = Buffer.concat([bytes, ...waiting]);
      read(true);
    });
    if (spec.stall !== undefined) {
      socket.pause();
      setTimeout(() => socket.resume(), spec.stall);
    }
    socket.on('error', (error) => (bytes.length > 0 ? read(true) : fail(error)));
    write(socket, spec);
  });
}
