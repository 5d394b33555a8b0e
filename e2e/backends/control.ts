/** What a request can ask of the echo server, by headers (which every proxy passes on). */
import type { IncomingHttpHeaders } from 'node:http';

export interface Wish {
  /** Status of the answer. */
  readonly status: number;
  /** Milliseconds before the first byte of the answer. */
  readonly delay: number;
  /** Milliseconds more on every other address: those whose last number is odd. */
  readonly uneven: number;
  /** Milliseconds before the request's body is read. */
  readonly stall: number;
  /** Milliseconds between the head and the body. */
  readonly pause: number;
  /** Close the connection: before the head, or in the middle of the body. */
  readonly cut: 'head' | 'body' | undefined;
  /** Bytes of padding in the answer's `pad`. */
  readonly size: number;
  /** Send without Content-Length. */
  readonly chunked: boolean;
  /** `name=value` of a trailer; makes the answer chunked. */
  readonly trailer: string | undefined;
  /** Name under which this request is kept for a `recall` at the same endpoint. */
  readonly remember: string | undefined;
  /** Answer with what was kept under this name, or with 404. */
  readonly recall: string | undefined;
  /** `name=value` of one more response header. */
  readonly header: string | undefined;
  /** Bytes of padding in the answer's header `Echo-Pad`. */
  readonly headerSize: number;
  /** So many bytes are sent as fast as they are taken, then a line `free`, or `held` where nobody took them for a while. */
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

/** Reads the `echo-*` request headers; `odd`: the address that is asked ends with an odd number. */
export function readWish(headers: IncomingHttpHeaders, odd = false): Wish {
  const cut = text(headers, 'echo-cut');
  const oddStatus = odd ? number(headers, 'echo-odd-status', 200) : 200;
  return {
    status: number(headers, 'echo-status', oddStatus),
    delay: number(headers, 'echo-delay', 0),
    uneven: number(headers, 'echo-uneven', 0),
    stall: number(headers, 'echo-stall', 0),
    pause: number(headers, 'echo-pause', 0),
    cut: cut === 'head' || cut === 'body' ? cut : undefined,
    size: number(headers, 'echo-size', 0),
    chunked: text(headers, 'echo-chunked') !== undefined || text(headers, 'echo-trailer') !== undefined,
    trailer: text(headers, 'echo-trailer'),
    remember: text(headers, 'echo-remember'),
    recall: text(headers, 'echo-recall'),
    header: text(headers, 'echo-header'),
    headerSize: number(headers, 'echo-header-size', 0),
    stream: number(headers, 'echo-stream', 0),
  };
}
