/**
 * A gRPC server without a library. A message has a prefix of five bytes: one byte of flags, and four bytes of length.
 * The methods are `/echo.Echo/Unary`, which sends the message back, `/echo.Echo/Stream`, which sends it back three
 * times, and `/echo.Echo/Fail`, which responds with status 7. The request header `echo-metadata` names a header whose
 * value is copied to the response.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { identify } from './connections.ts';
import { readWish } from './control.ts';

/** An uncompressed gRPC message with its prefix. */
export function frameMessage(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The messages of a body. Throws if the last message is incomplete. */
export function readMessages(body: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    if (at + 5 > body.length) throw new Error(`the head of a gRPC message is incomplete at byte ${at}`);
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length)
      throw new Error(`a gRPC message is incomplete: it ends at byte ${end}, and the body has ${body.length} bytes`);
    list.push(body.subarray(at + 5, end));
    at = end;
  }
  return list;
}

/** Responds to one gRPC call. Response headers describe the request. */
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
    // A "Trailers-Only" response: the gRPC status is in the headers, and there are neither messages nor trailers.
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
