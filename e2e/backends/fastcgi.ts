/**
 * A FastCGI responder. A record has a head of 8 bytes: version, type, request id, content length and padding length. A
 * connection may carry any number of requests, one after another. As the HTTP servers do, the responder describes the
 * request in its response.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from './connections.ts';
import { readWish } from './control.ts';
import type { Received } from './received.ts';

const TYPE = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6 } as const;
const VERSION = 1;
const HEAD = 8;
const MOST_CONTENT = 65_535;
const KEEP_CONNECTION = 1;

interface Record {
  readonly type: number;
  readonly request: number;
  readonly content: Buffer;
}

interface Request {
  readonly id: number;
  readonly keep: boolean;
  params: Buffer;
  body: Buffer;
}

/** The first record of `bytes` and its length, or undefined if it is incomplete. */
function readRecord(bytes: Buffer): { record: Record; length: number } | undefined {
  if (bytes.length < HEAD) return undefined;
  const size = bytes.readUInt16BE(4);
  const length = HEAD + size + bytes.readUInt8(6);
  if (bytes.length < length) return undefined;
  const content = bytes.subarray(HEAD, HEAD + size);
  return { record: { type: bytes.readUInt8(1), request: bytes.readUInt16BE(2), content }, length };
}

function frame(type: number, request: number, content: Buffer): Buffer {
  const head = Buffer.from([VERSION, type, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(request, 2);
  head.writeUInt16BE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** Parses the parameters. A length is one byte, or four bytes with the highest bit set. */
function readParams(bytes: Buffer): Map<string, string> {
  const params = new Map<string, string>();
  let at = 0;
  function length(): number {
    const first = bytes.readUInt8(at);
    const long = first >= 128;
    const value = long ? bytes.readUInt32BE(at) - 0x80000000 : first;
    at += long ? 4 : 1;
    return value;
  }
  while (at < bytes.length) {
    const [name, value] = [length(), length()];
    params.set(bytes.toString('utf8', at, at + name), bytes.toString('utf8', at + name, at + name + value));
    at += name + value;
  }
  return params;
}

/** The request headers among the parameters. The parameter `HTTP_X_REAL_IP` is the header `x-real-ip`. */
function headersOf(params: ReadonlyMap<string, string>): Map<string, string> {
  const headers = [...params].filter(([name]) => name.startsWith('HTTP_'));
  return new Map(headers.map(([name, value]) => [name.slice(5).toLowerCase().replaceAll('_', '-'), value]));
}

async function answer({ id, keep, params: raw, body }: Request, socket: Socket): Promise<void> {
  const params = readParams(raw);
  const headers = headersOf(params);
  const wish = readWish(Object.fromEntries(headers), '', /[13579]$/.test(socket.localAddress ?? ''));
  if (wish.delay > 0) await sleep(wish.delay);
  if (wish.cut !== undefined) return void socket.destroy();
  const received: Received = {
    endpoint: `${socket.localAddress}:${socket.localPort}`,
    connection: identify(socket),
    http: params.get('SERVER_PROTOCOL') ?? '',
    method: params.get('REQUEST_METHOD') ?? '',
    path: params.get('REQUEST_URI') ?? '',
    headers: [...headers],
    bodyLength: body.length,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    tls: null,
    params: Object.fromEntries(params),
  };
  const head = [`Status: ${wish.status}`, 'Content-Type: application/json', `Echo-Endpoint: ${received.endpoint}`];
  if (wish.headerSize > 0) head.push(`Echo-Pad: ${'x'.repeat(wish.headerSize)}`);
  if (wish.header !== undefined) head.push(wish.header.replace('=', ': '));
  const text = Buffer.from(`${head.join('\r\n')}\r\n\r\n${JSON.stringify(received)}`);
  for (let at = 0; at < text.length; at += MOST_CONTENT) {
    socket.write(frame(TYPE.stdout, id, text.subarray(at, at + MOST_CONTENT)));
  }
  socket.write(frame(TYPE.stdout, id, Buffer.alloc(0)));
  socket.write(frame(TYPE.end, id, Buffer.alloc(8)));
  if (!keep) socket.end();
}

function serve(socket: Socket): void {
  let bytes = Buffer.alloc(0);
  let current: Request | undefined;
  function take({ type, request, content }: Record): void {
    if (type === TYPE.begin) {
      const keep = (content.readUInt8(2) & KEEP_CONNECTION) !== 0;
      current = { id: request, keep, params: Buffer.alloc(0), body: Buffer.alloc(0) };
    } else if (current && type === TYPE.params) current.params = Buffer.concat([current.params, content]);
    else if (current && type === TYPE.stdin && content.length > 0)
      current.body = Buffer.concat([current.body, content]);
    else if (current && type === TYPE.stdin) answer(current, socket).catch(() => socket.destroy());
  }
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes[0] !== VERSION) return void socket.destroy();
    for (let next = readRecord(bytes); next; next = readRecord(bytes)) {
      bytes = bytes.subarray(next.length);
      take(next.record);
    }
  });
  socket.on('error', () => socket.destroy());
}

/** Creates the server, which does not listen yet. */
export function createFastcgi(): Server {
  return createServer(serve);
}
