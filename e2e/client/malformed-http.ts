/** Requests as a hostile or broken HTTP client sends them: truncated, oversized, contradictory, or no HTTP at all. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../controller/golden/values/random.ts';

export interface Shapes {
  /** Paths that exist, with their queries. */
  readonly paths: readonly string[];
  /** Bodies that are valid, or nearly. */
  readonly bodies: readonly string[];
}

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'PRI',
  'get',
  '',
  'A'.repeat(300),
  '\0',
  'GET GET',
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'HTTP/1.10',
  'http/1.1',
  '',
  'X',
];
const TAILS = [
  '',
  '/',
  '/../..',
  '?',
  '?a=b&a=c',
  '?%00',
  '%2e%2e',
  `?${'a'.repeat(9000)}`,
  '\x7f',
  '?key=c:a/b',
  '#',
  ';',
  '//',
  '?host=%ff',
];
const HEADERS = [
  'Host: a',
  'Host: a\r\nHost: b',
  'Host:',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding : chunked',
  'Expect: 100-continue',
  'Upgrade: h2c\r\nConnection: upgrade, http2-settings',
  'Connection: close',
  'Range: bytes=0-,0-,0-',
  ' folded: x',
  'no colon',
  ': no name',
  'X-\0: y',
  'X: \r\n y',
  `X: ${'y'.repeat(20_000)}`,
  'Content-Type: application/json',
  'Accept-Encoding: gzip;q=999',
  'Origin: http://a.test',
];
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '"x"',
  '{"a":',
  '\0\0\0\0',
  '[['.repeat(3000),
  '{"a":'.repeat(3000),
  `"${'x'.repeat(200_000)}"`,
  '5\r\nhello\r\n0\r\n\r\n',
  'fffffffffffffffff\r\n',
  '-1\r\n',
  '5;ext="\r\n',
  '0\r\nX: y\r\n\r\n',
  '1e999',
  '{"a":1,"a":2}',
  '\ud800',
];

/** Changes, removes or repeats some bytes. */
function bent(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  const length = 1 + random.below(12);
  const before = bytes.subarray(0, at);
  switch (random.below(4)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([before, Buffer.from([random.below(256)]), bytes.subarray(at + 1)]);
    default:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
  }
}

function oneRequest(random: Random, { paths, bodies }: Shapes): Buffer {
  const method = random.chance(0.6) ? random.pick(['GET', 'POST']) : random.pick(METHODS);
  const path = random.pick(paths) + (random.chance(0.3) ? random.pick(TAILS) : '');
  const body = random.pick(random.chance(0.6) ? bodies : BODIES);
  const fields = ['Host: a', ...Array.from({ length: random.below(4) }, () => random.pick(HEADERS))];
  if (random.chance(0.6)) fields.push(`Content-Length: ${Buffer.byteLength(body) + random.pick([0, 0, 0, 1, -1])}`);
  const end = random.chance(0.9) ? '\r\n' : random.pick(['\n', '\r', '\n\n']);
  const head = [`${method} ${path} ${random.pick(VERSIONS)}`, ...fields].join(end);
  const whole = Buffer.from(`${head}${end}${end}${body}`);
  return random.chance(0.4) ? bent(random, whole) : whole;
}

/** The bytes of one connection: one request, several in a row, or noise. */
export function malformedRequests(random: Random, shapes: Shapes): Buffer {
  if (random.chance(0.05)) return Buffer.from(Array.from({ length: random.below(2000) }, () => random.below(256)));
  const count = random.chance(0.8) ? 1 : 1 + random.below(5);
  return Buffer.concat(Array.from({ length: count }, () => oneRequest(random, shapes)));
}

/**
 * Sends the bytes in one or several parts, waits up to `ms` milliseconds for the server to close the connection, and
 * then closes it in any case. Returns the status of the first answer; undefined if there was none.
 */
export async function sendBytes(
  socketPath: string,
  bytes: Buffer,
  random: Random,
  ms: number,
): Promise<number | undefined> {
  const socket = connect(socketPath);
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    if (text.length < 20) text += part;
  });
  // `once` of node:events would reject on an error, which is common here.
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const cut = random.chance(0.7) ? bytes.length : random.below(bytes.length + 1);
  socket.write(bytes.subarray(0, cut));
  if (cut < bytes.length) {
    await sleep(1);
    socket.write(bytes.subarray(cut));
  }
  if (random.chance(0.5)) socket.end();
  await Promise.race([closed, sleep(ms)]);
  socket.destroy();
  const status = /^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}
