/**
 * How http_client.lua parses responses of an authentication service. A response that is not valid HTTP must be an error
 * and never allow a request.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import { type Fixture, startFixture } from './fixture.ts';
import { request } from './request.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
/** Lua code that sends a request to the service and prints status and body of the response, or the error. */
const ASK = `
  local answer, failure = require("tidegate.auth.http_client").exchange({
    address = "127.0.0.1", port = tonumber(ngx.var.arg_port), pool = "spec", tls = false,
    timeouts = { 2000, 2000, 500 }, connections = 1, requests = 100, idle = 10,
  }, "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "GET")
  ngx.print(answer and answer.status .. " " .. answer.body or "error: " .. failure)`;

let nginx: Fixture;
let service: Server;
let port: number;
let bytes = '';
let connections = 0;

beforeAll(async () => {
  service = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.write(bytes);
      if (!/content-length|chunked/i.test(bytes)) socket.end();
    });
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
  port = await freePort();
  nginx = await startFixture({
    workers: 1,
    http: `server { listen 127.0.0.1:${port}; location / { content_by_lua_block {${ASK}} } }`,
  });
});

afterAll(async () => {
  await nginx?.stop();
  service?.close();
});

beforeEach(() => {
  connections = 0;
});

async function ask(answer: string): Promise<string> {
  bytes = answer;
  const { body } = await request({ port, path: `/?port=${(service.address() as AddressInfo).port}` });
  return body;
}

test.each([
  ['a Content-Length', `${OK}Content-Length: 2\r\n\r\nhi`, '200 hi'],
  ['a chunked body', `${OK}Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nh\r\n1\r\ni\r\n0\r\nX-A: b\r\n\r\n`, '200 hi'],
  ['a body that ends with the connection', `${OK}\r\nhi`, '200 hi'],
  [
    'early hints before the final response',
    `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    '200 ',
  ],
])('an authentication answer with %s is accepted', async (_, answer, understood) => {
  expect(await ask(answer)).toBe(understood);
});

test.each([
  ['bytes of another protocol', 'SSH-2.0-x\r\n\r\n', 'the status line is not HTTP'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'the status line is not HTTP'],
  ['a space before the colon', `${OK}A : b\r\n\r\n`, 'a line is not a header'],
  ['a header on two lines', `${OK}A: b\r\n c: d\r\n\r\n`, 'a line is not a header'],
  [
    'two different Content-Length headers',
    `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi`,
    'the length of the body is ambiguous',
  ],
  [
    'a Content-Length and a chunked body',
    `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'the length of the body is ambiguous',
  ],
  [
    'a chunk that is longer than its size line says',
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n`,
    'a chunk is longer',
  ],
  ['a body that is too long', `${OK}Content-Length: 1048577\r\n\r\n`, 'the body is too long'],
  ['headers that are too long', `${OK}A: ${'a'.repeat(40_000)}\r\n\r\n`, 'head: too long'],
  ['an incomplete status line', 'HTTP/1.1 200 OK', 'head: '],
  [
    'early hints but no final response',
    'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(6),
    'no final answer, only early hints',
  ],
])('an authentication answer with %s is an error', async (_, answer, failure) => {
  expect(await ask(answer)).toContain(`error: ${failure}`);
});

test('a connection to the service is used again after a complete answer, but not after an invalid one', async () => {
  const good = `${OK}Content-Length: 2\r\n\r\nhi`;
  await ask(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`);
  for (let i = 0; i < 3; i += 1) await ask(good);
  const kept = connections;
  await ask(`${OK}Transfer-Encoding: chunked\r\n\r\nx\r\n`);
  await ask(good);
  expect([kept, connections]).toEqual([2, 3]);
});
