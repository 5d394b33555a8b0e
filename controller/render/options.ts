/** What the templates need to know in addition to the Plan: where NGINX runs, and what it supports. */
import type { Capabilities } from '../types/nginx.ts';
import type { Measures } from '../types/request-metrics.ts';

export interface RenderOptions {
  readonly capabilities: Pick<
    Capabilities,
    'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'stream' | 'streamPass' | 'ipv6' | 'user'
  >;
  /** Folder of tidegate.lua: absolute, or relative to `<run>/run`. */
  readonly luaDirectory: string;
  /** `<run>`: the parent of conf/ and run/. */
  readonly runDirectory: string;
  /** Ports that clients use, for headers and redirects. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Ports that NGINX binds; by default the ports that clients use. */
  readonly httpListenPort?: number;
  readonly httpsListenPort?: number;
  /** Port of /ready, /healthz and /nginx_status; if null or absent, NGINX does not serve them. */
  readonly statusPort?: number | null;
  /**
   * `files` (the default): NGINX logs to files in `<run>/run`. `container`: NGINX runs in its own container and logs to
   * stderr and stdout. The socket of the live API is then named relative to the working directory, which start.sh sets
   * to `<run>/run`. So a `nginx -t` on the same nginx.conf, run in another directory, does not bind the socket in use.
   */
  readonly logs?: 'files' | 'container';
  /** Whether HTTP servers listen on the socket of TLS passthrough although it is off; see `isProxiedTo`. */
  readonly keepsTlsSocket?: boolean;
  /** Whether access lists and authentication are checked before redirects and other responses that need no backend. */
  readonly strictAccess?: boolean;
  /** What NGINX's workers count about requests; if absent, they count nothing. */
  readonly measures?: Measures;
  /**
   * For TCP and UDP: the folder of tidegate.js (absolute, or relative to `<run>/run`), and the port on 127.0.0.1 on
   * which NGINX answers its own DNS questions. Required if a Plan has streams.
   */
  readonly stream?: { readonly codeDirectory: string; readonly port: number };
  /** Size of the shared dictionary with live data, in nginx's notation; by default the size in the Plan. */
  readonly liveSize?: string;
  /**
   * Self-signed certificate and key for the default server of the TLS port. Lua replaces this certificate with the one
   * for the name that the client requests.
   */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
}
