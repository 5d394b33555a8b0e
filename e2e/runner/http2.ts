/** Sends one HTTP/2 request over TLS, which may be a gRPC call. */
import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import { frameMessage, readMessages } from '../backends/grpc.ts';
import type { RequestSpec } from './scenario.ts';
import type { Seen } from './seen.ts';
import { certificateOf, tlsOf } from './socket.ts';

function fields(headers: object): Map<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function bodyOf(spec: RequestSpec): Buffer | undefined {
  if (spec.body === undefined) return undefined;
  const body = typeof spec.body === 'string' ? Buffer.from(spec.body) : Buffer.alloc(spec.body.size, 'b');
  return spec.grpc ? frameMessage(body) : body;
}

/** Sends a request on an open TLS connection and reads the whole response. */
export async function sendHttp2(socket: Socket, spec: RequestSpec): Promise<Seen> {
  const started = performance.now();
  const [certificate, tls] = [certificateOf(socket), tlsOf(socket)];
  const session = connect('https://instance.test', { createConnection: () => socket });
  try {
    return await new Promise<Seen>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ':method': spec.method,
        ':path': spec.path,
        ':authority': spec.host === false ? '' : spec.host,
        ...(spec.grpc && { 'content-type': 'application/grpc', te: 'trailers' }),
        ...spec.headers,
      });
      stream.setTimeout(15_000, () => stream.destroy(new Error('no complete response within 15 s')));
      const chunks: Buffer[] = [];
      let headers = new Map<string, string>();
      let setCookies: readonly string[] = [];
      let trailers = new Map<string, string>();
      stream.on('error', reject);
      stream.on('response', (received) => {
        headers = fields(received);
        setCookies = received['set-cookie'] ?? [];
      });
      stream.on('trailers', (received: object) => (trailers = fields(received)));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('close', () => {
        const body = Buffer.concat(chunks);
        const grpc = headers.get('content-type') === 'application/grpc';
        const messages = grpc ? readMessages(body).map(String) : [];
        const status = Number(headers.get(':status') ?? 0);
        const ms = performance.now() - started;
        resolve({ status, headers, setCookies, body, trailers, messages, certificate, tls, ms });
      });
      stream.end(bodyOf(spec));
    });
  } finally {
    session.close();
    socket.destroy();
  }
}
