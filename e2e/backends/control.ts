/**
 * What a request can ask of the echo server, by headers (which every proxy forwards): `echo-status`, or `verify-status`
 * if its path begins with `/verify`, so that an authentication service can be told something else than the backend.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Wish {
  /** Status of the answer. */
  readonly status: number;
  /** Milliseconds before the first byte of the answer. */
  readonly delay: number;
  /** Additional milliseconds on every other address: those whose last number is odd. */
  readonly uneven: number;
  /** Milliseconds before the request's body is read. */
  readonly stall: number;
  /** Milliseconds between the head and the body. */
  readonly pause: number;
  /** Close the connection: before the head, in the middle of the body, or after something that is not HTTP. */
  readonly cut: 'head' | 'body' | 'garbage' | undefined;
  /** Bytes of padding in the answer's `pad`. */
  readonly size: number;
  /** Send without Content-Length. */
  readonly chunked: boolean;
  /** `name=value` of a trailer; makes the response chunked. */
  readonly trailer: string | undefined;
  /** Name under which this request is kept for a `recall` at the same endpoint. */
  readonly remember: string | undefined;
  /** Answer with what was kept under this name, or with 404. */
  readonly recall: string | undefined;
  /** `name=value` of additional response headers, separated by ` | `. */
  readonly header: string | undefined;
  /** Bytes of padding in the answer's header `Echo-Pad`. */
  readonly headerSize: number;
  /** Answer without a body. */
  readonly empty: boolean;
  /**
   * This many bytes are sent as fast as they are accepted, then a line `free`, or `held` if the reader paused for a
   * while.
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

/** Reads the `echo-*` request headers; `odd`: the requested address ends with an odd number. */
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
