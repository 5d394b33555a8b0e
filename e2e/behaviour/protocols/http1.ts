/** Tests of HTTP/1: requests in pieces, several requests at once, half-closed connections, and invalid requests. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readAnswer } from '../../client/answer.ts';
import { until } from '../../runner/instance.ts';
import { hostOf } from '../site.ts';
import { ask, bodyOf, converse, statusOf } from './conversation.ts';
import type { Arrival } from './origin.ts';
import type { Stage } from './stage.ts';

const APP = `Host: ${hostOf('app')}\r\n`;
const LAST = 'Connection: close\r\n';

/** The request that the origin received, as the origin describes it in its response. */
function arrived(text: string): Arrival {
  return JSON.parse(bodyOf(text)) as Arrival;
}

/** Defines the tests. `stage` is called within them. */
export function testHttp1(stage: () => Stage): void {
  const port = (): number => stage().instance.httpPort;

  it('NGINX sends 100 Continue once, before the backend receives the request', async () => {
    const client = await converse(port());
    client.say(`POST /expect HTTP/1.1\r\n${APP}${LAST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    expect(await client.hear(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(stage().origin.heads).not.toContain('POST /expect');
    client.say('hello');
    const answer = await client.rest();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
    const received = arrived(answer.slice(answer.indexOf('HTTP/1.1 200')));
    expect(received).toMatchObject({ length: 5, headers: { 'content-length': '5' } });
    expect(received.headers).not.toHaveProperty('expect');
  });

  it('NGINX refuses a body that is too large, and then does not send 100 Continue', async () => {
    const client = await converse(port());
    client.say(`POST /large HTTP/1.1\r\n${APP}${LAST}Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n`);
    expect(statusOf(await client.hear(/<\/html>/))).toBe(413);
    client.close();
    expect(stage().origin.heads).not.toContain('POST /large');
  });

  it('the response to HEAD equals the response to GET without its body, whether the backend or NGINX responds', async () => {
    for (const [host, status] of [
      ['app', 200],
      ['denied', 403],
      ['unknown', 404],
    ] as const) {
      const head = `Host: ${hostOf(host)}\r\n`;
      const answer = await ask(
        port(),
        `HEAD /a HTTP/1.1\r\n${head}\r\nHEAD /a HTTP/1.1\r\n${head}\r\nHEAD /a HTTP/1.1\r\n${head}${LAST}\r\n`,
      );
      const heads = answer.split('\r\n\r\n');
      expect(heads.map(statusOf), host).toEqual([status, status, status, 0]);
      expect(heads[3], 'a body after the last head').toBe('');
      expect(heads[0], host).toMatch(/content-length: [1-9]/i);
    }
  });

  it('NGINX forwards chunked bodies that arrive in pieces, in both directions', async () => {
    const client = await converse(port());
    client.say(
      `POST /pieces HTTP/1.1\r\n${APP}${LAST}Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n5;a=b\r\nhel`,
    );
    client.say('lo\r\n7');
    client.say('\r\n, world\r\n0\r\nX-Late: 1\r\n\r\n');
    const received = arrived(await client.rest());
    expect(received.length).toBe(12);
    expect(received.sha256).toBe(createHash('sha256').update('hello, world').digest('hex'));
    expect(received.headers, 'a trailer became a header').not.toHaveProperty('x-late');
    const answer = await ask(port(), `GET /chunks HTTP/1.1\r\n${APP}${LAST}\r\n`);
    const reading = readAnswer(Buffer.from(answer, 'latin1'), true);
    expect(answer).toMatch(/transfer-encoding: chunked/i);
    // NGINX drops the trailers of HTTP/1 responses, but the chunked body ends correctly.
    expect(reading.done && String(reading.answer.body)).toBe('one two three');
    expect(answer).toMatch(/\r\n0\r\n\r\n$/);
  });

  it('responses to HTTP/1.0 are not chunked, and connections stay open only if the client requests that', async () => {
    const answer = await ask(port(), `GET /chunks HTTP/1.0\r\n${APP}\r\n`);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(bodyOf(answer)).toBe('one two three');
    const kept = await ask(
      port(),
      `GET /a HTTP/1.0\r\n${APP}Connection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n${APP}\r\n`,
    );
    expect(kept.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(statusOf(await ask(port(), 'GET / HTTP/1.0\r\n\r\n')), 'without a Host').toBe(404);
    expect(statusOf(await ask(port(), 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe(400);
  });

  it('pipelined requests get their responses in order', async () => {
    const body = 'Content-Length: 3\r\n\r\nabc';
    const answer = await ask(
      port(),
      `GET /1/late HTTP/1.1\r\n${APP}\r\nPOST /2 HTTP/1.1\r\n${APP}${body}` +
        `GET /3 HTTP/1.1\r\nHost: ${hostOf('denied')}\r\n\r\nGET /4 HTTP/1.1\r\n${APP}${LAST}\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 \d+|"target":"[^"]+"/g)).toEqual([
      'HTTP/1.1 200',
      '"target":"/1/late"',
      'HTTP/1.1 200',
      '"target":"/2"',
      'HTTP/1.1 403',
      'HTTP/1.1 200',
      '"target":"/4"',
    ]);
  });

  it('a client receives an early response while it is still sending its body', async () => {
    const size = 900_000;
    for (const [host, path, status] of [
      ['denied', '/', 403],
      ['unknown', '/', 404],
      ['app', '/early', 403],
    ] as const) {
      const client = await converse(port());
      client.say(`POST ${path} HTTP/1.1\r\nHost: ${hostOf(host)}\r\n${LAST}Content-Length: ${size}\r\n\r\n`);
      for (let sent = 0; sent < size; sent += 100_000) client.say(Buffer.alloc(100_000, 'b'));
      expect(statusOf(await client.rest()), host).toBe(status);
    }
    const client = await converse(port());
    client.say(`POST / HTTP/1.1\r\n${APP}${LAST}Content-Length: 100000000\r\n\r\n`);
    const refused = await client.hear(/413 Request Entity Too Large[^]*<\/html>/);
    for (let i = 0; i < 50; i += 1) client.say(Buffer.alloc(100_000, 'b'));
    expect(statusOf(refused)).toBe(413);
    client.close();
  });

  it('NGINX cancels the request to the backend if the client half-closes its connection too early', async () => {
    const { origin, instance } = stage();
    const client = await converse(port());
    const reached = once(origin.events, 'head');
    client.say(`GET /half/never HTTP/1.1\r\n${APP}\r\n`);
    await reached;
    const aborted = once(origin.events, 'aborted');
    client.finish();
    expect(await aborted).toEqual(['/half/never']);
    expect(await client.rest()).toBe('');
    const log = `${instance.runDir}/run/access.log`;
    await until('the access log has status 499', () =>
      /"GET \/half\/never HTTP\/1.1" 499 /.test(readFileSync(log, 'utf8')),
    );
  });

  it('NGINX refuses request lines and headers of more than 8 kB, or of 32 kB in total', async () => {
    const statuses = async (line: string, headers: string): Promise<number> =>
      statusOf(await ask(port(), `GET ${line} HTTP/1.1\r\n${APP}${headers}${LAST}\r\n`));
    expect(await statuses(`/${'a'.repeat(8000)}`, '')).toBe(200);
    expect(await statuses(`/${'a'.repeat(8300)}`, '')).toBe(414);
    expect(await statuses('/', `X-A: ${'a'.repeat(8000)}\r\n`)).toBe(200);
    expect(await statuses('/', `X-A: ${'a'.repeat(8300)}\r\n`)).toBe(400);
    const long = Array.from({ length: 5 }, (_, i) => `X-${i}: ${'a'.repeat(7900)}\r\n`);
    expect(await statuses('/', long.slice(0, 3).join(''))).toBe(200);
    expect(await statuses('/', long.join('')), 'more than four buffers').toBe(400);
  });

  it('NGINX forwards upgrades to WebSocket, but not to h2c', async () => {
    const { origin } = stage();
    for (const value of ['h2c', 'H2C', 'websocket, h2c', 'h2c,websocket']) {
      const answer = await ask(
        port(),
        `GET /upgrade HTTP/1.1\r\n${APP}Upgrade: ${value}\r\nConnection: Upgrade, HTTP2-Settings, close\r\n` +
          'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
      );
      expect(statusOf(answer), value).toBe(200);
      expect(arrived(answer).headers, value).not.toHaveProperty('upgrade');
      expect(arrived(answer).headers.connection, value).not.toBe('upgrade');
    }
    const other = await converse(port());
    other.say(
      `GET /upgrade HTTP/1.1\r\n${APP}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    expect(statusOf(await other.hear(/\r\n\r\n/))).toBe(101);
    other.close();
    const before = origin.heads.length;
    const preface = await ask(port(), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    expect([0, 400, 405, 505]).toContain(statusOf(preface));
    expect(origin.heads.length).toBe(before);
  });
}
