/**
 * Bodies of 1 GiB in both directions, with and without buffering, arrive completely, and NGINX's memory hardly grows.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { ClientRequest, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { measure } from './protocols/cost.ts';
import type { Cost } from './protocols/cost.ts';
import { hostOf, ingressOf, podsOf } from './site.ts';

const MIB = 1024 * 1024;
const SIZE = 1024;
/** How many MiB the memory may grow, whatever the size of the body. NGINX needs buffers for a few connections. */
const GROWTH = 32;
const PIECE = Buffer.from(Array.from({ length: MIB }, (_, i) => (i * 7 + (i >> 9)) & 255));
const WHOLE = createHash('sha256');
for (let i = 0; i < SIZE; i += 1) WHOLE.update(PIECE);
const SHA256 = WHOLE.digest('hex');

let server: Server;
let instance: Instance;
/** How many bytes of the current upload the backend has received. */
let reached = 0;
/** Whether the backend has sent the whole body of the current download. */
let served = false;

async function* pieces(): AsyncGenerator<Buffer> {
  for (let i = 0; i < SIZE; i += 1) yield PIECE;
}

async function digest(message: IncomingMessage, onPiece: (length: number) => void): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of message as AsyncIterable<Buffer>) {
    hash.update(piece);
    onPiece(piece.length);
  }
  return hash.digest('hex');
}

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/early') return void response.writeHead(403, { 'Content-Length': 3 }).end('no\n');
    if (request.method === 'GET') {
      served = false;
      response.on('finish', () => (served = true));
      response.writeHead(200, { 'Content-Length': SIZE * MIB });
      void pump(response);
      return;
    }
    reached = 0;
    void digest(request, (length) => (reached += length)).then((sha256) => response.end(sha256));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const any = { 'proxy-body-size': '0' };
  const sites = {
    on: { 'proxy-request-buffering': 'on', 'proxy-buffering': 'on' },
    off: { 'proxy-request-buffering': 'off', 'proxy-buffering': 'off' },
  };
  const ingresses = Object.entries(sites).map(([name, rest]) =>
    ingressOf(name, 'app', { annotations: { ...any, ...rest } }),
  );
  instance = await startInstance({ 'all.yaml': [...podsOf('app', ['127.0.0.1'], port), ...ingresses] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  server?.closeAllConnections();
  server?.close();
});

async function pump(stream: NodeJS.WritableStream): Promise<void> {
  for await (const piece of pieces()) if (!stream.write(piece)) await once(stream, 'drain');
  stream.end();
}

function report(what: string, { before, most }: { before: Cost; most: Cost }): void {
  const [from, to, files] = [before.memory, most.memory, most.files].map((mib) => mib.toFixed(1));
  process.stdout.write(
    `${what}: workers ${from} MiB before, at most ${to} MiB; temporary files at most ${files} MiB\n`,
  );
  expect(most.memory - before.memory, 'MiB that memory grew').toBeLessThan(GROWTH);
}

/** Starts a request to a site. */
function open(site: string, method: string, path = '/'): ClientRequest {
  const headers = { Host: hostOf(site), ...(method === 'POST' && { 'Content-Length': SIZE * MIB }) };
  return send({ host: '127.0.0.1', port: instance.httpPort, method, path, headers, agent: false });
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  return message;
}

async function upload(site: string, halfWay: () => Promise<void>): Promise<void> {
  const request = open(site, 'POST');
  const answer = answerTo(request);
  for (let i = 0; i < SIZE; i += 1) {
    if (i === SIZE / 2) await halfWay();
    if (!request.write(PIECE)) await once(request, 'drain');
  }
  request.end();
  const message = await answer;
  let text = '';
  for await (const piece of message.setEncoding('utf8') as AsyncIterable<string>) text += piece;
  expect([message.statusCode, text]).toEqual([200, SHA256]);
}

async function download(site: string, beforeReading: () => Promise<void>): Promise<void> {
  const request = open(site, 'GET');
  request.end();
  const message = await answerTo(request);
  message.pause();
  await beforeReading();
  let length = 0;
  expect(await digest(message, (piece) => (length += piece))).toBe(SHA256);
  expect([message.statusCode, length]).toEqual([200, SIZE * MIB]);
}

const FULL = 300_000;

it(
  'with proxy-request-buffering on, NGINX writes the whole upload to a file before the backend receives it',
  async () => {
    const cost = await measure(instance.runDir, () =>
      upload('on', async () => {
        expect(reached, 'bytes that the backend has received before the client has sent all').toBe(0);
      }),
    );
    report('upload, buffered', cost);
    expect(cost.most.files).toBeGreaterThan(SIZE * 0.9);
  },
  FULL,
);

it(
  'with proxy-request-buffering off, NGINX streams an upload to the backend without a file',
  async () => {
    const cost = await measure(instance.runDir, () =>
      upload('off', () => until('the backend receives bytes before the client has sent all', () => reached > 0)),
    );
    report('upload, streamed', cost);
    expect(cost.most.files).toBe(0);
  },
  FULL,
);

it(
  'with proxy-buffering on, NGINX writes a response to a file while the client does not read',
  async () => {
    const cost = await measure(instance.runDir, () =>
      download('on', () => until('the backend has sent the whole response', () => served, 120_000)),
    );
    report('download, buffered', cost);
    expect(cost.most.files).toBeGreaterThan(SIZE * 0.9);
  },
  FULL,
);

it(
  'with proxy-buffering off, the backend can send a response only as fast as the client reads',
  async () => {
    const cost = await measure(instance.runDir, () =>
      download('off', async () => {
        // This is enough time to send the whole response, as the previous test shows.
        await sleep(2000);
        expect(served).toBe(false);
      }),
    );
    report('download, streamed', cost);
    expect(cost.most.files).toBe(0);
  },
  FULL,
);

it(
  'with proxy-request-buffering off, a response that the backend sends during the upload reaches the client',
  async () => {
    const request = open('off', 'POST', '/early');
    const failed = once(request, 'error');
    const answer = answerTo(request);
    const state = { answered: false };
    void answer.then(() => (state.answered = true));
    request.on('error', () => undefined);
    let sent = 0;
    for (; sent < SIZE && !state.answered; sent += 1) {
      if (!request.write(PIECE)) await Promise.race([once(request, 'drain'), answer, failed]);
    }
    expect((await answer).statusCode).toBe(403);
    expect(sent).toBeLessThan(SIZE);
    request.destroy();
  },
  FULL,
);
