/** A request to be explained, and NGINX's view of it. */
import { toBytes } from './bytes.ts';
import type { RequestTarget } from './target.ts';

/** A request as a client sends it. Strings consist of characters, not bytes. */
export interface ExplainedRequest {
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** The target of the request line: path and query, or an absolute URL. */
  readonly target: string;
  readonly http: '1.0' | '1.1' | '2';
  /** All headers, including Host. Names may be in upper or lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The server name of the TLS handshake; undefined if the client sends none. */
  readonly sni?: string | undefined;
  /** The address from which the client connects; undefined if it is not known. */
  readonly from?: string | undefined;
  /** The address of NGINX to which the client connects; undefined if it is not known. */
  readonly to?: string | undefined;
  /** The port to which the client connects; undefined if it is the port on which NGINX serves this scheme. */
  readonly port?: number | undefined;
  /**
   * The PROXY protocol header of the connection: the client's address, and the port to which it connected. If `from` is
   * not known, the proxy counts as trusted.
   */
  readonly proxied?: { readonly address: string; readonly port?: number } | undefined;
  /** The certificate that the client presents. NGINX is assumed to be able to verify it. */
  readonly clientCertificate?: { readonly subject: string } | undefined;
}

/** What later steps know about a request. Except for `given`, strings are byte strings. */
export interface SeenRequest {
  readonly given: ExplainedRequest;
  readonly target: RequestTarget;
  /** `$host` */
  readonly host: string;
  /** `$tidegate_host` */
  readonly askedHost: string;
  /** The scheme that the client used, which a trusted proxy may report. */
  readonly scheme: 'http' | 'https';
  /** `$tidegate_port` */
  readonly port: string;
  /** `$remote_addr`; undefined if it is not known. */
  readonly client: string | undefined;
  /** The path, which snippets and rewrites may change: `$uri`. */
  readonly path: string;
  readonly args: string | undefined;
  /** Whether the path or query differs from what the client sent. */
  readonly rewritten: boolean;
}

/** The value of a request header as a byte string; undefined if the request lacks it. */
export function headerOf(request: ExplainedRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = request.headers.find(([each]) => each.toLowerCase() === wanted);
  return found === undefined ? undefined : toBytes(found[1].trim());
}

/** The value of a cookie; undefined if the request lacks it. NGINX ignores the case of the name. */
export function cookieOf(request: ExplainedRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [header, value] of request.headers) {
    if (header.toLowerCase() !== 'cookie') continue;
    for (const pair of toBytes(value).split(/[;,]\s*/)) {
      const at = pair.indexOf('=');
      if (at > 0 && pair.slice(0, at).trim().toLowerCase() === wanted) return pair.slice(at + 1);
    }
  }
  return undefined;
}
