/**
 * The request headers that control the echo server's response, such as `echo-status`. If the path begins with
 * `/verify`, their prefix is `verify-` instead of `echo-`, so that one request can control an authentication service
 * and the backend differently.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Wish {
  /** The status of the response. */
  readonly status: number;
  /** Milliseconds before the first byte of the response. */
  readonly delay: number;
  /** Additional milliseconds at addresses whose last number is odd. */
  readonly uneven: number;
  /** Milliseconds before the request's body is read. */
  readonly stall: number;
  /** Milliseconds between the headers and the body of the response. */
  readonly pause: number;
  /** Closes the connection before the response, in the middle of its body, or after a string that is not HTTP. */
  readonly cut: 'head' | 'body' | 'garbage' | undefined;
  /** The length of the field `pad` in the response's body, in bytes. */
  readonly size: number;
  /** Sends the response chunked, without Content-Length. */
  readonly chunked: boolean;
  /** A trailer as `name=value`; the response is then chunked. */
  readonly trailer: string | undefined;
  /** Stores the description of this request under this name, for a `recall` at the same endpoint. */
  readonly remember: string | undefined;
  /** Responds with the description that was stored under this name, or with 404. */
  readonly recall: string | undefined;
  /** Additional response headers as `name=value`, separated by ` | `. */
  readonly header: string | undefined;
  /** The length of the response header `Echo-Pad`, in bytes. */
  readonly headerSize: number;
  /** Sends the response without a body. */
  readonly empty: boolean;
  /**
   * Sends this many bytes as fast as they are accepted, then a line: `held` if the reader paused, otherwise `free`.
   */
  readonly stream: number;
}

function number(headers: IncomingHttpHeaders, name: string, absent: number): number {
  const value = Number(headers[name]);
  return headers[name] === undefined || !Number.isFinite(value) ? absent : value;
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Reads the `echo-*` or `verify-*` headers. `odd` says whether the last number of the endpoint's address is odd. */
export function readWish(headers: IncomingHttpHeaders, path: string, odd = false): Wish {
  const prefix = path.startsWith('/verify') ? 'verify' : 'echo';
  const cut = text(headers, `${prefix}-cut`);
  const oddStatus = odd ? number(headers, `${prefix}-odd-status`, 200) : 200;
  return {
    status: number(headers, `${prefix}-status`, oddStatus),
    delay: number(headers, `${prefix}-delay`, 0),
    uneven: number(headers, `${prefix}-uneven`, 0),
    stall: number(headers, `${prefix}-stall`, 0),
    pause: number(headers, `${prefix}-pause`, 0),
    cut: cut === 'head' || cut === 'body' || cut === 'garbage' ? cut : undefined,
    size: number(headers, `${prefix}-size`, 0),
    chunked: text(headers, `${prefix}-chunked`) !== undefined || text(headers, `${prefix}-trailer`) !== undefined,
    trailer: text(headers, `${prefix}-trailer`),
    remember: text(headers, `${prefix}-remember`),
    recall: text(headers, `${prefix}-recall`),
    header: text(headers, `${prefix}-header`),
    headerSize: number(headers, `${prefix}-header-size`, 0),
    empty: text(headers, `${prefix}-empty`) !== undefined,
    stream: number(headers, `${prefix}-stream`, 0),
  };
}
