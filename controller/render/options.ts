/** What the templates need to know besides the Plan: where NGINX runs, and what it can do. */
import type { Capabilities } from '../types/nginx.ts';

export interface RenderOptions {
  readonly capabilities: Pick<Capabilities, 'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'ipv6' | 'user'>;
  /** Folder of tidegate.lua: absolute, or relative to `<run>/run`. */
  readonly luaDirectory: string;
  /** `<run>`: the parent of conf/ and run/. */
  readonly runDirectory: string;
  /** Ports that clients see: in headers and redirects. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Ports that NGINX binds; by default the ones that clients see. */
  readonly httpListenPort?: number;
  readonly httpsListenPort?: number;
  /** Port of /ready, /healthz and /nginx_status; disabled if null or absent. */
  readonly statusPort?: number | null;
  /**
   * `files` (the default): logs in `<run>/run`. `container`: NGINX has its own container. Logs go to its stderr and
   * stdout, and the live API's socket is named relative to its working directory, which start.sh sets to `<run>/run`:
   * so `nginx -t` on these same bytes binds no socket there when it runs elsewhere.
   */
  readonly logs?: 'files' | 'container';
  /** Redirects and other answers without a backend come after address lists and authentication. */
  readonly strictAccess?: boolean;
  /** Size of the shared dictionary of live data, in nginx's notation; by default the size in the Plan. */
  readonly liveSize?: string;
  /** Self-signed pair for the default server of the TLS port; Lua sets the certificate of a request by its name. */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
}
