/** What the templates need to know besides the Plan: where NGINX runs, and what it can do. */
import type { Capabilities } from '../types/nginx.ts';

export interface RenderOptions {
  readonly capabilities: Pick<Capabilities, 'http2Directive' | 'modules' | 'ipv6' | 'user'>;
  /** Folder that holds tidegate.lua. */
  readonly luaDirectory: string;
  /** `<run>`: conf/ and run/ are below it. */
  readonly runDirectory: string;
  /** Ports that NGINX binds and that clients see. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Size of the shared dictionary of live data, in nginx's words: `128m`. */
  readonly liveSize: string;
  /** Self-signed pair for the default server of the TLS port; the certificate of a request is set by name in Lua. */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
}
