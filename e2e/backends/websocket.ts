/** WebSocket: accepts the upgrade, then sends every text frame back (RFC 6455, frames up to 64 KiB, no fragments). */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Value of Sec-WebSocket-Accept for a Sec-WebSocket-Key. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** One text frame. Clients must mask: `mask` is then four bytes. */
export function encodeFrame(payload: Buffer, opcode = 1, mask?: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x80 | opcode;
  head[1] = (mask ? 0x80 : 0) | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  if (!mask) return Buffer.concat([head, payload]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** The first whole frame of a buffer and what follows it, or undefined while it is incomplete. */
export function decodeFrame(buffer: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (buffer.length < 2) return undefined;
  const [first = 0, second = 0] = buffer;
  const long = (second & 0x7f) === 126;
  if (long && buffer.length < 4) return undefined;
  const length = long ? buffer.readUInt16BE(2) : second & 0x7f;
  const masked = (second & 0x80) !== 0;
  const start = (long ? 4 : 2) + (masked ? 4 : 0);
  if (buffer.length < start + length) return undefined;
  const raw = buffer.subarray(start, start + length);
  const mask = buffer.subarray(start - 4, start);
  const payload = masked ? Buffer.from(raw.map((byte, i) => byte ^ (mask[i % 4] ?? 0))) : Buffer.from(raw);
  return { opcode: first & 0x0f, payload, rest: buffer.subarray(start + length) };
}

/** Serves an upgraded connection until the client closes it. */
export function echoWebSocket(request: IncomingMessage, socket: Duplex, endpoint: string): void {
  const key = request.headers['sec-websocket-key'];
  if (request.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) return void socket.destroy();
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\nEcho-Endpoint: ${endpoint}\r\n\r\n`,
  );
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let frame = decodeFrame(buffer); frame; frame = decodeFrame(buffer)) {
      buffer = Buffer.from(frame.rest);
      socket.write(encodeFrame(frame.payload, frame.opcode));
      if (frame.opcode === 8) socket.end();
    }
  });
  socket.on('error', () => socket.destroy());
}
