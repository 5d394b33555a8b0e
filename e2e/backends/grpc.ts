/**
 * gRPC without a library: messages are framed by hand (one byte of flags, four of length). Methods: `/echo.Echo/Unary`
 * sends the message back, `/echo.Echo/Stream` three times, `/echo.Echo/Fail` ends at once with status 7. The request
 * header `echo-metadata` names a header that is copied to the response.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { identify } from './connections.ts';
import { readWish } from './control.ts';

/** One uncompressed gRPC message. */
export function frameMessage(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The messages of a body; an incomplete last one is an error. */
export function readMessages(body: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    if (at + 5 > body.length) throw new Error(`gRPC frame cut at byte ${at}`);
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) throw new Error(`gRPC message cut: ${end} bytes announced, ${body.length} there`);
    list.push(body.subarray(at + 5, end));
    at = end;
  }
  return list;
}

/** Answers one gRPC call; what was received goes into response headers. */
export async function answerGrpc(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
  const { socket, url, authority, scheme } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const wish = readWish(request.headers, '');
  await sleep(wish.delay);
  const fails = url.endsWith('/Fail');
  response.setHeader('content-type', 'application/grpc');
  response.setHeader('echo-endpoint', `${socket.localAddress}:${socket.localPort}`);
  response.setHeader('echo-connection', String(identify(socket)));
  response.setHeader('echo-path', url);
  if (wish.headerSize > 0) response.setHeader('echo-pad', 'x'.repeat(wish.headerSize));
  response.setHeader('echo-authority', authority);
  response.setHeader('echo-scheme', scheme);
  const asked = request.headers['echo-metadata'];
  if (typeof asked === 'string') response.setHeader('echo-metadata', request.headers[asked] ?? 'none');
  if (fails) {
    // "Trailers-Only": the status is part of the headers and nothing follows.
    response.setHeader('grpc-status', '7');
    response.setHeader('grpc-message', 'refused');
    return void response.end();
  }
  response.addTrailers({ 'grpc-status': '0', 'grpc-message': 'echoed' });
  const messages = readMessages(Buffer.concat(chunks));
  const times = url.endsWith('/Stream') ? 3 : 1;
  for (let i = 0; i < times; i += 1) for (const message of messages) response.write(frameMessage(message));
  response.end();
}
