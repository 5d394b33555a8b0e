/**
 * Parses one HTTP/1.1 response from a stream of bytes. Supports Content-Length, chunked, and bodies ended by the close.
 */

export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** The Set-Cookie headers, one by one: joined they could not be separated. */
  readonly setCookies: readonly string[];
  readonly body: Buffer;
  /** The server will close this connection. */
  readonly closes: boolean;
}

/** The result of the bytes so far. */
export type Reading = { readonly done: true; readonly answer: Answer } | { readonly done: false };

const MORE: Reading = { done: false };
const BLANK = Buffer.from('\r\n\r\n');

function parseHead(text: string): Pick<Answer, 'status' | 'headers' | 'setCookies'> {
  const [line = '', ...rest] = text.split('\r\n');
  const headers = new Map<string, string>();
  const setCookies: string[] = [];
  for (const field of rest) {
    const at = field.indexOf(':');
    const name = field.slice(0, at).toLowerCase();
    const value = field.slice(at + 1).trim();
    if (name === 'set-cookie') setCookies.push(value);
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return { status: Number(line.split(' ')[1]), headers, setCookies };
}

function readChunks(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (size === 0)
      return bytes.indexOf(BLANK, end) === end || bytes.length >= end + 4 ? Buffer.concat(parts) : undefined;
    if (bytes.length < end + 2 + size + 2) return undefined;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/**
 * `ended`: the server has closed its side. `bodiless`: the response to a HEAD, which has no body whatever its headers
 * say.
 */
export function readAnswer(bytes: Buffer, ended: boolean, bodiless = false): Reading {
  const end = bytes.indexOf(BLANK);
  if (end < 0) return MORE;
  const head = parseHead(bytes.toString('latin1', 0, end));
  const { status, headers } = head;
  const rest = bytes.subarray(end + 4);
  if (status === 100) return readAnswer(bytes.subarray(end + 4), ended, bodiless);
  const closes = headers.get('connection')?.toLowerCase() === 'close';
  const length = headers.get('content-length');
  if (bodiless || status === 101) return { done: true, answer: { ...head, body: rest, closes } };
  if (headers.get('transfer-encoding') === 'chunked') {
    const body = readChunks(rest);
    return body === undefined ? MORE : { done: true, answer: { ...head, body, closes } };
  }
  if (length !== undefined || status === 204 || status === 304) {
    const size = Number(length ?? 0);
    if (rest.length < size) return MORE;
    return { done: true, answer: { ...head, body: rest.subarray(0, size), closes } };
  }
  return ended ? { done: true, answer: { ...head, body: rest, closes: true } } : MORE;
}
