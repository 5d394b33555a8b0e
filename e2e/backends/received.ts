/** The description of a request that the echo server received; it is the body of the response. */
import { createHash } from 'node:crypto';
import type { Http2ServerRequest } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { identify } from './connections.ts';

export interface Received {
  /** The endpoint, as the `ip:port` at which the request arrived. */
  readonly endpoint: string;
  /** The number of the connection on which the request arrived. */
  readonly connection: number;
  readonly http: string;
  readonly method: string;
  /** The request target, exactly as it was sent. */
  readonly path: string;
  /** The names and values of all headers in the order in which they were sent, including duplicates. */
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyLength: number;
  readonly bodySha256: string;
  readonly tls: {
    readonly sni: string;
    readonly protocol: string;
    readonly cipher: string;
    readonly client: string;
  } | null;
  readonly pad?: string;
  /** All parameters of a FastCGI request. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * Whether a socket uses TLS. Node's HTTP/2 returns a proxy of the socket, for which `instanceof TLSSocket` is false.
 */
function isTls(socket: Socket): socket is TLSSocket & { readonly servername: string | false | undefined } {
  return Reflect.get(socket, 'encrypted') === true;
}

function describeTls(socket: Socket): Received['tls'] {
  if (!isTls(socket)) return null;
  const subject: unknown = socket.getPeerCertificate().subject?.CN;
  return {
    sni: socket.servername || '',
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    client: typeof subject === 'string' ? subject : '',
  };
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return list;
}

/** Reads the body to its end and describes the request. */
export async function receive(
  request: IncomingMessage | Http2ServerRequest,
  socket: Socket,
  size: number,
): Promise<Received> {
  const hash = createHash('sha256');
  let bodyLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bodyLength += chunk.length;
  }
  return {
    endpoint: `${socket.localAddress}:${socket.localPort}`,
    connection: identify(socket),
    http: request.httpVersion,
    method: request.method ?? '',
    path: request.url ?? '',
    headers: pairs(request.rawHeaders).filter(([name]) => !name.startsWith(':')),
    bodyLength,
    bodySha256: hash.digest('hex'),
    tls: describeTls(socket),
    ...(size > 0 && { pad: 'x'.repeat(size) }),
  };
}
