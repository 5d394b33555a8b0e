/** Sends HTTP/2 frames (RFC 9113) with headers as literals (RFC 7541), so that a test can send invalid requests. */
import { once } from 'node:events';
import { connect } from 'node:tls';

export interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const TYPES = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const END_STREAM = 1;
const END_HEADERS = 4;
const WAIT_MS = 10_000;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A string literal, which begins with its length as an integer with a prefix of seven bits. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const size = [Math.min(bytes.length, 127)];
  if (bytes.length >= 127) {
    let rest = bytes.length - 127;
    for (; rest >= 128; rest >>= 7) size.push((rest & 127) | 128);
    size.push(rest);
  }
  return Buffer.concat([Buffer.from(size), bytes]);
}

/** A HEADERS frame with these fields in this order. Their names are not changed to lower case. */
export function headersFrame(stream: number, fields: readonly (readonly [string, string])[], flags: number): Buffer {
  const block = fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)]));
  return frame(TYPES.headers, flags | END_HEADERS, stream, Buffer.concat(block));
}

export function dataFrame(stream: number, text: string, flags: number): Buffer {
  return frame(TYPES.data, flags, stream, Buffer.from(text, 'latin1'));
}

/**
 * The status in a HEADERS frame of NGINX. Its first field is `:status`, as an index of the static table or as a literal
 * of three digits.
 */
function statusOf(payload: Buffer): number {
  const first = payload[0] ?? 0;
  const indexed: Record<number, number> = {
    0x88: 200,
    0x89: 204,
    0x8a: 206,
    0x8b: 304,
    0x8c: 400,
    0x8d: 404,
    0x8e: 500,
  };
  // A change to the dynamic table's size may precede the first field.
  if ((first & 0xe0) === 0x20) return statusOf(payload.subarray(1));
  return indexed[first] ?? Number(payload.toString('latin1', 2, 5));
}

/** How stream 1 ended: with a response, a reset, a GOAWAY, or the end of the connection. */
export interface Ending {
  readonly status: number | undefined;
  readonly ended: 'answer' | 'reset' | 'goaway' | 'closed';
}

/** Sends frames on a new connection, and waits for the end of stream 1. */
export async function sendFrames(port: number, servername: string, frames: readonly Buffer[]): Promise<Ending> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    let status: number | undefined;
    const timer = setTimeout(() => finish(new Error(`no end within ${WAIT_MS} ms`)), WAIT_MS);
    function finish(how: Ending['ended'] | Error): void {
      clearTimeout(timer);
      socket.destroy();
      if (how instanceof Error) reject(how);
      else resolve({ status, ended: how });
    }
    function take(type: number, flags: number, stream: number, payload: Buffer): void {
      if (type === TYPES.goaway) finish('goaway');
      if (stream !== 1) return;
      if (type === TYPES.headers && status === undefined) status = statusOf(payload);
      if (type === TYPES.reset) finish('reset');
      else if (type <= TYPES.headers && (flags & END_STREAM) !== 0) finish('answer');
    }
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      while (bytes.length >= 9) {
        const end = 9 + bytes.readUIntBE(0, 3);
        if (bytes.length < end) return;
        const [type, flags] = [bytes.readUInt8(3), bytes.readUInt8(4)];
        take(type, flags, bytes.readUInt32BE(5), bytes.subarray(9, end));
        bytes = Buffer.from(bytes.subarray(end));
      }
    });
    socket.on('close', () => finish('closed'));
    socket.on('error', () => finish('closed'));
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(TYPES.settings, 0, 0, Buffer.alloc(0)), ...frames]));
  });
}
