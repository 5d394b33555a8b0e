/** Makes a gRPC call over an HTTP/2 session, and sends and receives single messages. */
import { once } from 'node:events';
import { constants } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { frameMessage } from '../../backends/grpc.ts';
import { onMessage } from './grpc-messages.ts';

const WAIT_MS = 10_000;

/**
 * HTTP status → the gRPC code that clients report if the response has no `grpc-status` (gRPC's
 * http-grpc-status-mapping). For any other status, they report UNKNOWN.
 */
const CODES: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

export interface Outcome {
  /** The gRPC code that the caller receives. */
  readonly code: number;
  readonly message: string;
  readonly httpStatus: number;
}

export interface Call {
  send(text: string | Buffer): void;
  /** Ends the stream of messages to the server. */
  done(): void;
  /** Waits for the next message of the response. */
  receive(): Promise<string>;
  headers(): Promise<IncomingHttpHeaders>;
  /** Waits for the end of the call. */
  outcome(): Promise<Outcome>;
  cancel(): void;
}

/** Calls the method `/test.Echo/<method>` of a host. */
export function call(
  session: ClientHttp2Session,
  host: string,
  method: string,
  metadata: Readonly<Record<string, string>> = {},
): Call {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/test.Echo/${method}`,
    ':authority': host,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...metadata,
  });
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  let failure: Error | undefined;
  const arrived: string[] = [];
  stream.on('response', (received) => (head = received));
  stream.on('trailers', (received: IncomingHttpHeaders) => (trailers = received));
  stream.on('error', (error: Error) => (failure = error));
  onMessage(stream, (message) => {
    arrived.push(String(message));
    stream.emit('message');
  });
  const signal = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(WAIT_MS) });
  return {
    send: (text) => void stream.write(frameMessage(Buffer.from(text))),
    done: () => void stream.end(),
    receive: async () => {
      if (arrived.length === 0) await once(stream, 'message', signal());
      return arrived.shift() ?? '';
    },
    headers: async () => {
      if (head[':status'] === undefined) await once(stream, 'response', signal());
      return head;
    },
    outcome: async () => {
      if (!stream.closed) await once(stream, 'close', signal());
      if (failure) throw failure;
      const httpStatus = Number(head[':status']);
      const status = trailers['grpc-status'] ?? head['grpc-status'];
      const message = decodeURIComponent(String(trailers['grpc-message'] ?? head['grpc-message'] ?? ''));
      return { code: status === undefined ? (CODES[httpStatus] ?? 2) : Number(status), message, httpStatus };
    },
    cancel: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}
