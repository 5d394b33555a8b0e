/**
 * Parses one HTTP/1.1 response from received bytes. The body may have a Content-Length, be chunked, or end when the
 * connection is closed.
 */

export interface Answer {
  readonly status: number;
  /** Names are in lower case; the values of a repeated header are joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** The Set-Cookie headers as a list, because joined values could not be separated. */
  readonly setCookies: readonly string[];
  readonly body: Buffer;
  /** Whether the server announced that it closes the connection after this response. */
  readonly closes: boolean;
}

/** The result of parsing: a response, or `done: false` if it is incomplete. */
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
 * Parses a response from the bytes so far. `ended` says whether the server has closed the connection. `bodiless` is for
 * the response to a HEAD request, which has no body whatever its headers say.
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
