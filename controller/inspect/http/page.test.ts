/** The files of the web page, and which requests of browsers are answered. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../e2e/runner/port.ts';
import { temporaryFolder } from '../../cluster/fixtures/temporary-folder.ts';
import { describeProblem, siteOf } from '../fixtures/inspected.ts';
import { createInspection } from '../inspection.ts';
import { listenOnLoopback, listenOnSocket, type Listening } from './listen.ts';
import { webPage } from './page.ts';
import { createRelay } from './relay.ts';

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function get(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
  const sent = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) text += part;
  return { status: response.statusCode, headers: response.headers, text };
}

async function servedPage(files: Readonly<Record<string, string>>): Promise<number> {
  const page = webPage(await temporaryFolder(files));
  const server = createServer((incoming, response) => page.serve(incoming.url ?? '', response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('the page is served with a policy that allows its own files and nothing else', async () => {
  const port = await servedPage({ 'index.html': '<p>page</p>', 'assets/a-1.js': 'let a', 'built.json': '{}' });
  const index = await get(port, '/');
  expect(index).toMatchObject({ status: 200, text: '<p>page</p>' });
  expect(index.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
    ),
  });
  expect(index.headers['content-security-policy']).not.toMatch(/unsafe|data:|\*/);
  expect(index.headers['access-control-allow-origin']).toBeUndefined();
  const script = await get(port, '/assets/a-1.js');
  expect(script.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
  expect(script.headers['cache-control']).toContain('immutable');
});

test.each(['/assets/../built.json', '/assets/..%2fbuilt.json', '/assets/', '/built.json', '/assets/b.js'])(
  '%s is not a file of the page',
  async (path) => {
    const port = await servedPage({
      'index.html': '<p>page</p>',
      'assets/a-1.js': 'let a',
      'built.json': '{"secret":1}',
    });
    const { status, text } = await get(port, path);
    expect({ status, text }).toEqual({ status: 404, text: expect.not.stringContaining('secret') });
  },
);

test('if the page has not been built, it says how to build it', async () => {
  expect(await get(await servedPage({}), '/')).toMatchObject({
    status: 404,
    text: expect.stringContaining('npm run page'),
  });
});

interface Places {
  readonly port: number;
  readonly relay: number;
}

/** The API on a port, and a relay that passes questions on to the socket of the same API. */
async function serveBoth(): Promise<Places> {
  const { source } = await siteOf('');
  const inspection = createInspection({ source, describe: describeProblem });
  const socket = join(await temporaryFolder(), 'inspect.sock');
  const { port = 0 } = await inspection.listen({ socket, port: await freePort() });
  onTestFinished(() => inspection.close());
  return { port, relay: (await listenTo(socket)).port };
}

async function listenTo(socket: string): Promise<Listening> {
  const relay = await listenOnLoopback(
    0,
    createRelay(socket, ({ message }) => `away: ${message}`),
  );
  if ('obstacle' in relay) throw new Error(relay.obstacle);
  onTestFinished(() => relay.close());
  return relay;
}

test.each<[string, (own: string) => Record<string, string>, number]>([
  ['a program', () => ({}), 200],
  ['the page itself', (own) => ({ host: own, 'sec-fetch-site': 'same-origin' }), 200],
  [
    'the page itself, with Origin',
    (own) => ({ host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' }),
    200,
  ],
  ['the address bar', (own) => ({ host: own, 'sec-fetch-site': 'none' }), 200],
  ['a name that resolves to this machine', () => ({ host: 'rebound.example.com' }), 403],
  ['such a name, with its Origin', () => ({ host: 'a.test:1', origin: 'http://a.test:1' }), 403],
  [
    'a page of another site',
    (own) => ({ host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }),
    403,
  ],
  ['a page on another port of this machine', (own) => ({ host: own, 'sec-fetch-site': 'same-site' }), 403],
  ['the origin of another port', (own) => ({ host: own, origin: 'http://127.0.0.1:1' }), 403],
  ['a sandboxed frame', (own) => ({ host: own, origin: 'null' }), 403],
])('of requests of %s, both the port and the relay know what to do', async (_name, headersOf, status) => {
  const { port, relay } = await serveBoth();
  for (const each of [port, relay]) {
    const got = await get(each, '/v1/status', headersOf(`127.0.0.1:${each}`));
    expect(got.status).toBe(status);
    expect(got.headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('a link on another site leads to the page, and to nothing else', async () => {
  const { port, relay } = await serveBoth();
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  for (const each of [port, relay]) {
    const headers = { host: `localhost:${each}`, ...link };
    expect((await get(each, '/', headers)).headers['content-security-policy']).toContain('frame-ancestors');
    expect((await get(each, '/v1/status', headers)).status).toBe(403);
    expect((await get(each, '/', { ...headers, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
  }
});

test('a relay passes answers and refusals on, and says that the controller is away', async () => {
  const { relay } = await serveBoth();
  expect(JSON.parse((await get(relay, '/v1/status')).text)).toMatchObject({ command: 'up' });
  expect(await get(relay, '/v1/routes?limit=x')).toMatchObject({ status: 400, text: expect.stringContaining('limit') });
  expect((await get(relay, '/v2/status')).status).toBe(404);
  const alone = await listenTo(join(await temporaryFolder(), 'nobody.sock'));
  expect(await get(alone.port, '/v1/status')).toMatchObject({
    status: 502,
    text: expect.stringContaining('away: connect'),
  });
});

test('a client of the relay that goes ends the question', async () => {
  const folder = await temporaryFolder();
  let ended = () => undefined as void;
  const gone = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const slow = await listenOnSocket(join(folder, 'slow.sock'), (incoming) => incoming.on('close', ended));
  if ('close' in slow) onTestFinished(() => slow.close());
  const { port } = await listenTo(join(folder, 'slow.sock'));
  const sent = request({ host: '127.0.0.1', port, path: '/v1/status' }).on('error', () => undefined);
  sent.end();
  setTimeout(() => sent.destroy(), 50);
  await gone;
});

test('if the usual port is in use, another one is chosen; a port that somebody chose is not replaced', async () => {
  const first = await listenOnLoopback(0, () => undefined);
  if ('obstacle' in first) throw new Error(first.obstacle);
  onTestFinished(() => first.close());
  const other = await listenOnLoopback(first.port, () => undefined, true);
  if ('obstacle' in other) throw new Error(other.obstacle);
  onTestFinished(() => other.close());
  expect(other.port).not.toBe(first.port);
  expect(await listenOnLoopback(first.port, () => undefined)).toMatchObject({
    obstacle: expect.stringContaining('EADDRINUSE'),
  });
});
