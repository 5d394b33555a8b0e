/**
 * TCP and UDP: what the stream block of nginx.conf contains, and the files that njs reads for each connection. A change
 * to these files needs no reload.
 */
import { hash } from 'node:crypto';
import type { ConfTree } from './conf-tree.ts';
import type { ConfValue } from './conf-value.ts';
import type { Directive } from './directive.ts';

/** A port on which NGINX accepts TCP connections or UDP datagrams, and passes them to endpoints of one Service port. */
export interface StreamServer {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  /** Whether connections of clients begin with a PROXY protocol header. */
  readonly proxyIn: boolean;
  /** Whether connections to endpoints begin with a PROXY protocol header. */
  readonly proxyOut: boolean;
  /** Name of the StreamFile with the endpoints. */
  readonly endpoints: string;
  /** Name of the StreamFile with the certificate, if NGINX terminates TLS; otherwise null. */
  readonly certificate: string | null;
  /** `shop/db:5432`, for a comment in nginx.conf. */
  readonly service: string;
  /** Value of $proxy_upstream_name: `tcp-shop-db-5432`. */
  readonly upstreamName: ConfValue;
}

/** The stream block; nginx.conf has none if nothing needs it. */
export interface StreamPlan {
  /** In the order of ports, TCP before UDP. */
  readonly servers: readonly StreamServer[];
  /** Directives of the stream level. */
  readonly directives: readonly Directive[];
  /** Number of datagrams with which an endpoint answers one datagram of a client. */
  readonly responses: number;
  /**
   * The access log of connections; null if they are not logged. If `to` is undefined, the default destination is used.
   */
  readonly access: { readonly to: ConfValue | undefined } | null;
  /** Format of the access log, in several words. */
  readonly logFormat: readonly ConfValue[];
  /** Networks of proxies whose PROXY protocol header is trusted. */
  readonly trusted: readonly ConfValue[];
  /** The TLS port, if TLS connections for some hosts are passed to backends without being decrypted; otherwise null. */
  readonly passthrough: { readonly headerTimeout: ConfValue } | null;
  /** Directives that the administrator adds to the stream level. */
  readonly snippet: ConfTree | null;
}

/**
 * A file that njs reads for each connection, made from an entry of the live document: a backend (`b:`) or a certificate
 * (`c:`). Or a file with this `text`.
 */
export type StreamFile =
  | {
      readonly kind: 'endpoints';
      /** Key in the live document. */
      readonly key: `b:${string}`;
      /** `shop/db:5432`, for messages in NGINX's error log. */
      readonly service: string;
      /** Whether the address of a client decides which endpoint it gets. */
      readonly bySource: boolean;
    }
  | { readonly kind: 'certificate'; readonly key: `c:${string}` }
  | {
      readonly kind: 'text';
      readonly text: string;
      /**
       * If the text begins with the name of a file with endpoints: the key of these endpoints in the live document.
       * The content of that file follows the text, so that njs has to read only one file for a connection.
       */
      readonly key?: `b:${string}`;
    };

/** Name of a file below `<run>/conf/streams/` (lower-case letters and digits) → the file. */
export type StreamFiles = ReadonlyMap<string, StreamFile>;

export const NO_STREAM_FILES: StreamFiles = new Map();

/** Name of the file about a server name of TLS connections. `passthrough.js` computes it in the same way. */
export function serverNameFile(name: string): string {
  return `t${hash('sha256', name, 'hex').slice(0, 40)}`;
}
