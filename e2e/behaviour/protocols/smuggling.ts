/**
 * Requests that two servers could parse differently. Each is refused, or reaches the backend as exactly one request.
 */
import { expect, it } from 'vitest';
import { hostOf } from '../site.ts';
import { ask, statusOf } from './conversation.ts';
import type { Stage } from './stage.ts';

const HOST = `Host: ${hostOf('app')}\r\n`;
const HIDDEN = `GET /hidden HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

function post(headers: string, body: string): string {
  return `POST /outer HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const EMPTY = '0\r\n\r\n';

/**
 * Name → the bytes to send, and the status of the response. NGINX must then close the connection, and not serve
 * `/hidden`.
 */
const REFUSED: Readonly<Record<string, readonly [string, number]>> = {
  'Content-Length and chunked': [post(`Content-Length: 5\r\n${CHUNKED}`, `${EMPTY}${HIDDEN}`), 400],
  'chunked and Content-Length': [post(`${CHUNKED}Content-Length: 5\r\n`, `${EMPTY}${HIDDEN}`), 400],
  'two different Content-Length headers': [
    post(`Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
    400,
  ],
  'a list of numbers in Content-Length': [post(`Content-Length: 0, ${HIDDEN.length}\r\n`, HIDDEN), 400],
  'a length with a sign': [post('Content-Length: +0\r\n', HIDDEN), 400],
  'a negative length': [post('Content-Length: -1\r\n', HIDDEN), 400],
  'a length in hexadecimal': [post('Content-Length: 0x0\r\n', HIDDEN), 400],
  'a length beyond 64 bits': [post('Content-Length: 18446744073709551616\r\n', HIDDEN), 400],
  'an unknown coding': [post('Transfer-Encoding: xchunked\r\n', `${EMPTY}${HIDDEN}`), 501],
  'a coding after chunked': [post('Transfer-Encoding: chunked, identity\r\n', `${EMPTY}${HIDDEN}`), 501],
  'chunked twice': [post(CHUNKED + CHUNKED, `${EMPTY}${HIDDEN}`), 400],
  'chunked with a vertical tab': [post('Transfer-Encoding: \vchunked\r\n', `${EMPTY}${HIDDEN}`), 501],
  'chunked in HTTP/1.0': [post(CHUNKED, `${EMPTY}${HIDDEN}`).replace('HTTP/1.1', 'HTTP/1.0'), 400],
  'a space before the colon': [post('Content-Length : 5\r\n', HIDDEN), 400],
  'a header that begins with a space': [post(' Content-Length: 5\r\n', HIDDEN), 400],
  'a header with a NUL byte': [post('X-A: a\0b\r\n', HIDDEN), 400],
  'two Host headers': [`GET /outer HTTP/1.1\r\n${HOST}Host: other.test\r\n\r\n${HIDDEN}`, 400],
  'a chunk size that is not a number': [post(CHUNKED, `x\r\n\r\n${EMPTY}${HIDDEN}`), 400],
  'a chunk of negative size': [post(CHUNKED, `-1\r\nab\r\n${EMPTY}${HIDDEN}`), 400],
  'a chunk beyond 64 bits': [post(CHUNKED, `ffffffffffffffff1\r\nab\r\n${EMPTY}${HIDDEN}`), 400],
  'a chunk with 0x': [post(CHUNKED, `0x1\r\na\r\n${EMPTY}${HIDDEN}`), 400],
  'a chunk longer than its size': [post(CHUNKED, `1\r\nab\r\n${EMPTY}${HIDDEN}`), 400],
  'a method in lower case': [`get /outer HTTP/1.1\r\n${HOST}\r\n${HIDDEN}`, 400],
  'HTTP version 3.0': [`GET /outer HTTP/3.0\r\n${HOST}\r\n${HIDDEN}`, 505],
};

/** Defines the tests. `stage` is called within them. */
export function testSmuggling(stage: () => Stage): void {
  for (const [what, [bytes, status]] of Object.entries(REFUSED)) {
    it(`NGINX refuses a request with ${what}`, async () => {
      const { instance, origin } = stage();
      const answer = await ask(instance.httpPort, bytes);
      expect(statusOf(answer)).toBe(status);
      expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
      expect(origin.heads.filter((head) => head.includes('hidden'))).toEqual([]);
    });
  }

  it('a request line without a version counts as HTTP/0.9, and NGINX closes the connection', async () => {
    const { instance, origin } = stage();
    const before = origin.heads.length;
    const answer = await ask(instance.httpPort, `GET /outer\n/x HTTP/1.1\r\n${HOST}\r\n${HIDDEN}`);
    expect(answer).toContain('<center><h1>404 Not Found</h1></center>');
    expect(origin.heads.length).toBe(before);
  });

  it('a body that looks like a request is never forwarded as a second request', async () => {
    const { instance, origin } = stage();
    const before = origin.heads.length;
    const last = `GET /last HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const chunk = `${HIDDEN.length.toString(16)};x="\r\n${HIDDEN}\r\n${EMPTY}`;
    for (const bytes of [
      post(`Content-Length: ${HIDDEN.length}\r\n`, HIDDEN),
      post(CHUNKED, chunk),
      // Headers with underscores are not forwarded, because a backend might confuse them with the real ones.
      post(`Content_Length: 5\r\nTransfer_Encoding: chunked\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
    ]) {
      const answer = await ask(instance.httpPort, bytes + last);
      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
      expect(answer).not.toContain('_');
    }
    expect(origin.heads.slice(before)).toEqual(Array.from({ length: 3 }, () => ['POST /outer', 'GET /last']).flat());
  });
}
