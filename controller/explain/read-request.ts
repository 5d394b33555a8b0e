/** What NGINX makes of a request line and of headers, before it chooses a server block. */
import { hostName } from './host-header.ts';
import { type ExplainedRequest, headerOf } from './request.ts';
import { byteCountOf } from './directives.ts';
import type { DirectiveName } from '../types/directive.ts';
import type { StaticPlan } from '../types/plan.ts';
import { toBytes } from './bytes.ts';
import { readTarget, type RequestTarget } from './target.ts';

/** A request that NGINX refuses before a server block is chosen. */
export interface Malformed {
  readonly status: number;
  /** The reason in the access log. */
  readonly reason?: string;
  /** One sentence without a full stop. */
  readonly text: string;
}

export interface WellFormed {
  readonly target: RequestTarget;
  /** The name of the host, in lower case; empty if the request has none. */
  readonly host: string;
}

/** nginx's default of large_client_header_buffers. */
const BUFFERS = ['4', '8k'];

const REASONS = new Map([
  [400, 'bad-request'],
  [405, 'bad-method'],
  [414, 'uri-too-large'],
]);

function bad(text: string, status = 400): Malformed {
  const reason = REASONS.get(status);
  return { status, text, ...(reason !== undefined && { reason }) };
}

function tooLarge(request: ExplainedRequest, { http }: StaticPlan): Malformed | undefined {
  const wordsIn = (directive: DirectiveName) =>
    http.find(({ name }) => name === directive)?.args.map(({ meaning }) => meaning);
  const [count = '', size = ''] = wordsIn('large_client_header_buffers') ?? BUFFERS;
  const most = byteCountOf(size);
  const line = `${request.method} ${toBytes(request.target)} HTTP/1.1\r\n`.length;
  const lines = request.headers.map(([name, value]) => toBytes(`${name}: ${value}\r\n`).length);
  const small = byteCountOf(wordsIn('client_header_buffer_size')?.[0] ?? '1k');
  if (line > Math.max(small, most))
    return bad(`the request line has ${line} bytes, more than the limit of ${size}`, 414);
  const needed = largeBuffers([line, ...lines, '\r\n'.length], small, most);
  const longest = Math.max(0, ...lines);
  if (needed === undefined) return bad(`a header has ${longest} bytes, more than the limit of ${size}`);
  return needed > Number(count)
    ? bad(`the headers need ${needed} buffers of ${size}, more than ${count}: no line is divided between two buffers`)
    : undefined;
}

/**
 * How many large buffers the lines need (ngx_http_alloc_large_header_buffer): NGINX begins with a smaller buffer, and a
 * line that does not fit into the rest of a buffer moves to the next one. Undefined if a line does not fit into any
 * buffer.
 */
function largeBuffers(lines: readonly number[], small: number, large: number): number | undefined {
  let [room, count] = [small, 0];
  for (const line of lines) {
    if (line > room) {
      if (line > large) return undefined;
      count += 1;
      room = large;
    }
    room -= line;
  }
  return count;
}

function badBody(request: ExplainedRequest): Malformed | undefined {
  const length = headerOf(request, 'content-length');
  const coding = headerOf(request, 'transfer-encoding');
  if (length !== undefined && !/^\d+$/.test(length)) return bad('Content-Length is not a number');
  if (coding === undefined) return undefined;
  if (coding.toLowerCase() !== 'chunked') return bad(`the transfer coding ${coding} is not supported`, 501);
  return length === undefined ? undefined : bad('the request has both Content-Length and Transfer-Encoding');
}

/** The name of the host: that of an absolute URL takes precedence over the Host header. */
function readHost(request: ExplainedRequest, target: RequestTarget): string | Malformed {
  const written = request.headers.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value.trim());
  if (written.length > 1) return bad('the request has several Host headers');
  const [own] = written;
  if (own === undefined && request.http !== '1.0') return bad('the request has no Host header');
  const named = own === undefined ? '' : hostName(toBytes(own));
  const site = target.host === undefined ? named : hostName(target.host);
  if (named === undefined || site === undefined)
    return bad(`the host ${JSON.stringify(own ?? target.host)} is malformed`);
  return site;
}

/** Reads a request. */
export function readRequest(request: ExplainedRequest, plan: StaticPlan): WellFormed | Malformed {
  if (!/^[A-Z_-]+$/.test(request.method)) return bad(`the method ${JSON.stringify(request.method)} is malformed`);
  const large = tooLarge(request, plan);
  if (large !== undefined) return large;
  const target = readTarget(toBytes(request.target));
  if (target === undefined) return bad('the path is malformed, or leads above the root');
  const host = readHost(request, target);
  if (typeof host !== 'string') return host;
  if (request.method === 'TRACE' || request.method === 'CONNECT')
    return bad(`NGINX refuses the method ${request.method}`, 405);
  return badBody(request) ?? { target, host };
}
