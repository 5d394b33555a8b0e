/**
 * A WebSocket server (RFC 6455, without fragments). It accepts the upgrade and sends every frame back; it responds to a
 * Ping with a Pong.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * How many bytes precede the mask if the second byte has the length 126 or 127, which announces a longer length field.
 */
const HEAD_LENGTH: Readonly<Record<number, number>> = { 126: 4, 127: 10 };
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** A frame, by default a text frame. A client must mask its frames with a `mask` of four bytes. */
export function encodeFrame(payload: Buffer, opcode = 1, mask?: Buffer): Buffer {
  const size = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  const head = Buffer.alloc(HEAD_LENGTH[size] ?? 2);
  head[0] = 0x80 | opcode;
  head[1] = (mask ? 0x80 : 0) | size;
  if (size === 126) head.writeUInt16BE(payload.length, 2);
  if (size === 127) head.writeBigUInt64BE(BigInt(payload.length), 2);
  if (!mask) return Buffer.concat([head, payload]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** The first frame of a buffer and the bytes that follow it, or undefined if the frame is incomplete. */
export function decodeFrame(buffer: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (buffer.length < 2) return undefined;
  const [first = 0, second = 0] = buffer;
  const size = second & 0x7f;
  const head = HEAD_LENGTH[size] ?? 2;
  if (buffer.length < head) return undefined;
  const length = size === 127 ? Number(buffer.readBigUInt64BE(2)) : size === 126 ? buffer.readUInt16BE(2) : size;
  const masked = (second & 0x80) !== 0;
  const start = head + (masked ? 4 : 0);
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
      if (frame.opcode === PONG) continue;
      socket.write(encodeFrame(frame.payload, frame.opcode === PING ? PONG : frame.opcode));
      if (frame.opcode === CLOSE) socket.end();
    }
  });
  socket.on('error', () => socket.destroy());
}
