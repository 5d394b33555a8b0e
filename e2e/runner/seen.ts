/** The response to one request, and the result of its handshake. */
import type { Received } from '../backends/received.ts';

export interface Seen {
  readonly status: number;
  /** Names are in lower case; the values of a repeated header are joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly setCookies: readonly string[];
  readonly body: Buffer;
  readonly trailers: ReadonlyMap<string, string>;
  /** The messages of a gRPC or WebSocket response. */
  readonly messages: readonly string[];
  /** The CN of the server's certificate and of its issuer; undefined without TLS. */
  readonly certificate: { readonly subject: string; readonly issuer: string } | undefined;
  /** The result of the handshake; undefined without TLS. */
  readonly tls: { readonly protocol: string; readonly cipher: string; readonly resumed: boolean } | undefined;
  readonly ms: number;
}

/** The echo server's description of the request, or undefined if NGINX itself sent the response. */
export function receivedOf(seen: Seen): Received | undefined {
  const endpoint = seen.headers.get('echo-endpoint');
  if (endpoint === undefined) return undefined;
  try {
    return JSON.parse(seen.body.toString()) as Received;
  } catch {
    const path = seen.headers.get('echo-path') ?? '';
    const headers = [['Host', seen.headers.get('echo-authority') ?? '']] as const;
    const connection = Number(seen.headers.get('echo-connection') ?? 0);
    return { endpoint, connection, http: '', method: '', path, headers, bodyLength: 0, bodySha256: '', tls: null };
  }
}
