/**
 * Invalid responses of an authentication service. With auth-keepalive, Lua reads the responses, and no invalid response
 * may admit a client.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const DOUBTFUL: Readonly<Record<string, string>> = {
  'a Content-Length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'an invalid length': 'HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
  'an unknown coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'a chunk without a length': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n',
  'a chunk that is longer than its announced length':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n',
  'a space before a colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'a control character': 'HTTP/1.1 200 OK\r\nX-A: b\u0001\r\nContent-Length: 0\r\n\r\n',
  'HTTP/2.0 as its version': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'status 101': 'HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'an incomplete body': 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab',
  'too many Early Hints': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50),
  'a line that does not end': `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}`,
};
const CLEAR: Readonly<Record<string, string>> = {
  'a status without a reason': 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
  'a body that ends with the connection': 'HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nall of it',
  'Early Hints before the response':
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'chunks with extensions': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nab\r\n0\r\nX-T: a\r\n\r\n',
};

let backends: Backends;
let instance: Instance;
let service: Server;
let answer = '';

beforeAll(async () => {
  backends = await startBackends();
  service = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(answer, 'latin1'));
  });
  const [asked = '', served = ''] = takeAddresses(2);
  service.listen(0, asked);
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const annotations = { 'auth-url': `http://auth.${NAMESPACE}.svc/`, 'auth-keepalive': '4', 'proxy-read-timeout': '2' };
  const objects = [
    ...podsOf('auth', [asked], port),
    ...podsOf('web', [served], backends.ports.http),
    ingressOf('web', 'web', { annotations }),
  ];
  instance = await startInstance({ 'site.yaml': objects });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  service?.close();
  await backends?.stop();
});

async function statusFor(text: string): Promise<number> {
  answer = text;
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf('web'), path: '/' });
  if (exchange.kind !== 'answer') throw new Error(exchange.detail);
  return exchange.answer.status;
}

it.each(Object.entries(DOUBTFUL))(
  'a response of the authentication service with %s admits no client',
  async (_, text) => {
    expect(await statusFor(text)).toBe(500);
  },
);

it.each(Object.entries(CLEAR))('a response of the authentication service with %s is valid', async (_, text) => {
  expect(await statusFor(text)).toBe(200);
  expect(await statusFor(text.replace(/ 200( OK)?\r\n/, ' 403 No\r\n'))).toBe(403);
});
