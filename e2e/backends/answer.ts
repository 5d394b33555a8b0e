/**
 * Sends the response of the echo server: a description of the request as JSON, changed as the request's headers ask.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import { occupy } from './connections.ts';
import { once } from 'node:events';
import { readWish } from './control.ts';
import type { Wish } from './control.ts';
import { receive } from './received.ts';
import { recall, remember } from './remembered.ts';

type Request = IncomingMessage | Http2ServerRequest;
/**
 * Also stands for the response of HTTP/2, which has the same methods. Methods of the union of both types could not be
 * called.
 */
type Response = ServerResponse;

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function writeHead(response: Response, wish: Wish, endpoint: string, length: number): void {
  response.statusCode = wish.status;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Echo-Endpoint', endpoint);
  if (wish.headerSize > 0) response.setHeader('Echo-Pad', 'x'.repeat(wish.headerSize));
  const more = Map.groupBy(wish.header?.split(' | ').map(split) ?? [], ([name]) => name);
  for (const [name, pairs] of more)
    response.setHeader(name, pairs.length > 1 ? pairs.map(([, value]) => value) : (pairs[0]?.[1] ?? ''));
  if (wish.trailer !== undefined) response.setHeader('Trailer', split(wish.trailer)[0]);
  if (!wish.chunked) response.setHeader('Content-Length', length);
}

async function write(response: Response, socket: Socket, wish: Wish, body: Buffer): Promise<void> {
  if (wish.pause > 0 || wish.cut === 'body') {
    response.write(body.subarray(0, 1));
    await sleep(wish.pause);
    if (wish.cut === 'body') return void socket.destroy();
    response.write(body.subarray(1));
  } else response.write(body);
  if (wish.trailer !== undefined) {
    const [name, value] = split(wish.trailer);
    response.addTrailers({ [name]: value });
  }
  response.end();
}

/** A write that is blocked for longer than this shows that the reader paused. */
const HELD_MS = 500;

/** Sends `size` bytes as fast as they are accepted, then a line `held` or `free`: whether the reader paused or not. */
async function stream(response: Response, size: number): Promise<void> {
  const piece = Buffer.alloc(65_536, 's');
  let held = false;
  for (let sent = 0; sent < size; sent += piece.length) {
    const since = Date.now();
    if (!response.write(piece)) await once(response, 'drain');
    held ||= Date.now() - since > HELD_MS;
  }
  response.end(held ? '\nheld' : '\nfree');
}

/** Waits as long as the request's headers ask. */
async function delay(wish: Wish, odd: boolean): Promise<void> {
  if (wish.delay > 0) await sleep(wish.delay);
  if (wish.uneven > 0 && odd) await sleep(wish.uneven);
}

/**
 * If the request's headers ask for it, ends the connection without a response, or with a string that is not HTTP.
 * Returns whether the connection was ended.
 */
function cutBefore(socket: Socket, { cut }: Wish): boolean {
  if (cut === 'head') socket.destroy();
  if (cut === 'garbage') socket.end('no HTTP\r\n\r\n');
  return cut === 'head' || cut === 'garbage';
}

/** Responds to one request. */
export async function answer(request: Request, response: Response, socket: Socket): Promise<void> {
  occupy(socket, 1);
  try {
    const odd = /[13579]$/.test(socket.localAddress ?? '');
    const wish = readWish(request.headers, request.url ?? '', odd);
    if (wish.stall > 0) await sleep(wish.stall);
    const own = await receive(request, socket, wish.size);
    if (wish.remember !== undefined) remember(wish.remember, own);
    const recalled = wish.recall === undefined ? own : await recall(wish.recall, own.endpoint);
    await delay(wish, odd);
    if (cutBefore(socket, wish)) return;
    if (wish.stream > 0) return await stream(response, wish.stream);
    const body = Buffer.from(wish.empty ? '' : JSON.stringify(recalled ?? own));
    const status = recalled === undefined ? 404 : wish.status;
    writeHead(response, { ...wish, status }, own.endpoint, body.length);
    if (request.method === 'HEAD' || [204, 304].includes(wish.status)) response.end();
    else await write(response, socket, wish, body);
  } catch {
    socket.destroy();
  } finally {
    occupy(socket, -1);
  }
}
