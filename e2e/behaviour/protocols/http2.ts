/**
 * Tests of HTTP/2 from clients, which becomes HTTP/1.1 to backends: valid requests, and requests that must be refused.
 */
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostOf } from '../site.ts';
import { dataFrame, END_STREAM, headersFrame, sendFrames } from './frames.ts';
import type { Arrival } from './origin.ts';
import type { Stage } from './stage.ts';

const HOST = hostOf('app');
type Fields = readonly (readonly [string, string])[];

function pseudo(path: string, method = 'POST'): Fields {
  return [
    [':method', method],
    [':scheme', 'https'],
    [':authority', HOST],
    [':path', path],
  ];
}

/**
 * Invalid requests, each with its header fields and the content of the DATA frame. None of them may reach the backend.
 */
const REFUSED: Readonly<Record<string, readonly [Fields, string]>> = {
  'less body than announced': [[...pseudo('/bad'), ['content-length', '10']], 'abc'],
  'more body than announced': [[...pseudo('/bad'), ['content-length', '1']], 'GET /hidden HTTP/1.1\r\n\r\n'],
  'a line break in a value': [[...pseudo('/bad'), ['x-a', 'b\r\ntransfer-encoding: chunked']], ''],
  'a line feed in a value': [[...pseudo('/bad'), ['x-a', 'b\nx-c: d']], ''],
  'a NUL byte in a value': [[...pseudo('/bad'), ['x-a', 'b\0c']], ''],
  'a line break in a name': [[...pseudo('/bad'), ['x-a\r\nx-b', 'c']], ''],
  'a colon in a name': [[...pseudo('/bad'), ['x-a: b', 'c']], ''],
  'a name with a capital letter': [[...pseudo('/bad'), ['X-Large', 'c']], ''],
  'a path without a slash': [pseudo('hidden'), ''],
  'a path with a line break': [pseudo('/bad HTTP/1.1\r\nHost: x\r\n\r\nGET /hidden'), ''],
  'a path with a space': [pseudo('/bad HTTP/1.1'), ''],
  'a method with a space': [pseudo('/bad', 'GET /hidden HTTP/1.1'), ''],
  'two paths': [[...pseudo('/bad'), [':path', '/hidden']], ''],
  'an invalid scheme': [
    [
      [':method', 'GET'],
      [':scheme', 'https://x/hidden?'],
      [':authority', HOST],
      [':path', '/bad'],
    ],
    '',
  ],
  'no path': [
    [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', HOST],
    ],
    '',
  ],
  'an unknown pseudo-header': [[...pseudo('/bad'), [':hidden', 'x']], ''],
};

/** Defines the tests. `stage` is called within them. */
export function testHttp2(stage: () => Stage): void {
  let session: ClientHttp2Session;
  beforeAll(() => {
    const url = `https://127.0.0.1:${stage().instance.httpsPort}`;
    session = connect(url, { rejectUnauthorized: false, servername: HOST });
  });
  afterAll(() => session.destroy());

  async function post(headers: OutgoingHttpHeaders, body: Buffer): Promise<{ status: number; text: string }> {
    const stream = session.request({ ':method': 'POST', ':path': '/h2', ':authority': HOST, ...headers });
    let status = 0;
    const pieces: Buffer[] = [];
    stream.on('response', (head) => (status = head[':status'] ?? 0));
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.end(body);
    await once(stream, 'close', { signal: AbortSignal.timeout(10_000) });
    return { status, text: String(Buffer.concat(pieces)) };
  }

  it('NGINX accepts large headers, and joins several Cookie headers into one', async () => {
    const large = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, String(i).padEnd(1200, 'v')]));
    const { status, text } = await post({ ...large, cookie: ['a=1', 'b=2', 'c=3'] }, Buffer.from('body'));
    expect(status).toBe(200);
    const { headers, length } = JSON.parse(text) as Arrival;
    expect(headers).toMatchObject({ ...large, cookie: 'a=1; b=2; c=3', host: HOST, 'content-length': '4' });
    expect(length).toBe(4);
  });

  it('a request with too large headers ends its own connection, but no other connection', async () => {
    const { instance, origin } = stage();
    const other = connect(`https://127.0.0.1:${instance.httpsPort}`, { rejectUnauthorized: false, servername: HOST });
    other.on('error', () => undefined);
    const large = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x-${i}`, String(i).padEnd(7000, 'v')]));
    const goodbye = once(other, 'goaway', { signal: AbortSignal.timeout(5000) });
    other.request({ ':path': '/too-large', ':authority': HOST, ...large }).on('error', () => undefined);
    const [code] = (await goodbye) as [number];
    expect(code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect((await post({}, Buffer.alloc(0))).status).toBe(200);
    expect(origin.heads).not.toContain('GET /too-large');
    other.destroy();
  });

  it('each of many concurrent requests on one connection gets its own response', async () => {
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, i) => post({ ':path': `/${i}/late` }, Buffer.alloc(1000 * i, 'b'))),
    );
    const arrivals = all.map(({ text }) => JSON.parse(text) as Arrival);
    expect(arrivals.map(({ target, length }) => [target, length])).toEqual(all.map((_, i) => [`/${i}/late`, 1000 * i]));
  });

  it('NGINX cancels the request to the backend if its stream is cancelled, and keeps the connection open', async () => {
    const { events } = stage().origin;
    const begun = once(events, 'head', { signal: AbortSignal.timeout(5000) });
    const stream = session.request({ ':path': '/cancel/never', ':authority': HOST });
    stream.on('error', () => undefined);
    await begun;
    const aborted = once(events, 'aborted', { signal: AbortSignal.timeout(5000) });
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await aborted).toEqual(['/cancel/never']);
    expect((await post({}, Buffer.from('x'))).status).toBe(200);
  });

  for (const [what, [fields, body]] of Object.entries(REFUSED)) {
    it(`NGINX forwards no request with ${what}`, async () => {
      const { instance, origin } = stage();
      const before = origin.heads.length;
      const { status } = await sendFrames(instance.httpsPort, HOST, [
        headersFrame(1, fields, 0),
        dataFrame(1, body, END_STREAM),
      ]);
      expect(status === undefined || status === 400 || status === 405, String(status)).toBe(true);
      expect(origin.heads.slice(before)).toEqual([]);
    });
  }

  it('a body that looks like an HTTP/1 request is never forwarded as a second request', async () => {
    const { instance, origin } = stage();
    const before = origin.heads.length;
    const hidden = `0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
    for (const fields of [
      [['transfer-encoding', 'chunked']],
      [
        ['connection', 'keep-alive'],
        ['upgrade', 'h2c'],
      ],
    ] as const) {
      const { status } = await sendFrames(instance.httpsPort, HOST, [
        headersFrame(1, [...pseudo('/outer'), ...fields], 0),
        dataFrame(1, hidden, END_STREAM),
      ]);
      expect([200, 400, undefined]).toContain(status);
    }
    expect(origin.heads.slice(before).filter((head) => head !== 'POST /outer')).toEqual([]);
  });

  it('if :authority and the Host header differ, :authority selects the route, or the request is refused', async () => {
    const { instance, origin } = stage();
    const before = origin.heads.length;
    const { status } = await sendFrames(instance.httpsPort, HOST, [
      headersFrame(1, [...pseudo('/outer', 'GET'), ['host', hostOf('denied')]], END_STREAM),
    ]);
    expect([200, 400]).toContain(status);
    const other: Fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', hostOf('denied')],
      [':path', '/hidden'],
    ];
    const denied = await sendFrames(instance.httpsPort, HOST, [
      headersFrame(1, [...other, ['host', HOST]], END_STREAM),
    ]);
    expect([400, 403]).toContain(denied.status);
    expect(origin.heads.slice(before).filter((head) => head.includes('hidden'))).toEqual([]);
  });
}
