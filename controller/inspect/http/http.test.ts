/** The API on real sockets: its answers, what it refuses, and that clients cannot make it hold much memory. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { issue } from '../../../e2e/certificates.ts';
import { freePort } from '../../../e2e/runner/port.ts';
import { temporaryFolder } from '../../cluster/fixtures/temporary-folder.ts';
import type { Problem } from '../../types/problem.ts';
import { createInspectionClient } from '../client/client.ts';
import { describeProblem, ingressYaml, secretYaml, serviceManifests, siteOf } from '../fixtures/inspected.ts';
import { createInspection, type Inspection } from '../inspection.ts';
import type { ChangeEvent } from '../schema/changes.ts';
import { ENDPOINTS, type EndpointName, pathOf } from '../schema/endpoints.ts';
import type { InspectionSource } from '../source.ts';
import type { Answers } from './answers.ts';
import { createChangeStream } from './change-stream.ts';
import { createHandler } from './handler.ts';
import { listenOnSocket } from './listen.ts';

const PASSWORD = 'alice:{SHA}qvTGHdzF6KLavt4PO0gs2a6pQ00=';

interface Served {
  readonly inspection: Inspection;
  readonly socket: string;
  readonly port: number;
  readonly problems: readonly Problem[];
}

async function serve(manifests = '', changed: Partial<InspectionSource> = {}): Promise<Served> {
  const { source, problems } = await siteOf(manifests, changed);
  const inspection = createInspection({ source, describe: describeProblem });
  const socket = join(await temporaryFolder(), 'inspect.sock');
  const port = await freePort();
  expect(await inspection.listen({ socket, port })).toEqual({ obstacles: [], port });
  onTestFinished(() => inspection.close());
  return { inspection, socket, port, problems };
}

interface Got {
  readonly status: number | undefined;
  readonly text: string;
}

async function answerTo(sent: ClientRequest): Promise<Got> {
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) text += part;
  return { status: response.statusCode, text };
}

function get(socketPath: string, path: string, options: RequestOptions = {}): Promise<Got> {
  return answerTo(request({ socketPath, path, ...options }));
}

const SITE = [
  ingressYaml('web', 'shop.example.com', { '/': 'web:80' }, { 'auth-type': 'basic', 'auth-secret': 'users' }, 'pair'),
  ingressYaml('bad', 'bad.example.com', { '/': 'none:80' }, { 'proxy-body-size': 'lots' }),
  serviceManifests('web', ['10.0.0.1']),
  `
apiVersion: v1
kind: Secret
metadata: { name: users, namespace: shop }
data: { auth: ${Buffer.from(PASSWORD).toString('base64')} }
---`,
].join('\n');

test('every endpoint answers as its schema says, and no answer contains a private key or a password', async () => {
  const pair = await issue(['shop.example.com']);
  const { inspection, socket, problems } = await serve(`${SITE}\n${secretYaml('pair', pair)}`);
  inspection.problems(problems);
  inspection.outcome('structure', { kind: 'started', master: 7, ms: 1 }, ['first start']);
  const queries: Partial<Record<EndpointName, string>> = {
    conf: '?host=shop.example.com',
    explain: '?url=https://shop.example.com/',
  };
  const answers = new Map<EndpointName, string>();
  for (const name of Object.keys(ENDPOINTS) as EndpointName[]) {
    const { status, text } = await get(socket, `${pathOf(name)}${queries[name] ?? ''}`);
    expect({ name, status }).toEqual({ name, status: 200 });
    const value: unknown = JSON.parse(text);
    expect(ENDPOINTS[name].answer.parse(value)).toEqual(value);
    answers.set(name, text);
  }
  const all = [...answers.values()].join('\n');
  expect(answers.get('certificates')).toContain('"secret":"shop/pair"');
  expect(answers.get('conf')).toContain('auth_basic');
  const secrets = [
    ...pair.key.split('\n').filter((line) => line.length > 20),
    'PRIVATE KEY',
    PASSWORD,
    'qvTGHdzF6KLavt4PO0gs2a6pQ00',
  ];
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
});

test.each<[string, string, RequestOptions, number, RegExp]>([
  ['another method', '/v1/status', { method: 'POST' }, 405, /read-only: send GET/],
  ['a body', '/v1/status', { headers: { 'content-length': '5' } }, 400, /no request bodies/],
  ['a request of a web page', '/v1/status', { headers: { origin: 'http://a.test' } }, 403, /pages of other sites/],
  ['another path', '/v1/secrets', {}, 404, /expected one of \/, \/v1\/status, /],
  [
    'an unknown parameter',
    '/v1/routes?hosts=a',
    {},
    400,
    /"hosts" is not a parameter of routes; accepted: host, names/,
  ],
  ['a parameter that is given twice', '/v1/routes?host=a&host=b', {}, 400, /host is given more than once/],
  ['an invalid number', '/v1/routes?limit=2001', {}, 400, /limit/],
  ['a host that is too long', `/v1/conf?host=${'a'.repeat(254)}`, {}, 400, /host/],
  ['a host with a port', '/v1/routes?host=a.test:8080', {}, 400, /"a\.test:8080" is not the name of a host/],
  ['a host with a scheme', '/v1/conf?host=https://a.test', {}, 400, /leave out scheme, port and path/],
  ['a missing parameter', '/v1/conf', {}, 400, /host/],
  ['a request that cannot be explained', '/v1/explain?url=shop', {}, 400, /not a URL/],
  ['long headers', '/v1/status', { headers: { 'x-a': 'a'.repeat(100_000) } }, 431, /^$/],
])('%s is refused', async (_name, path, options, status, message) => {
  const { socket } = await serve();
  const got = await get(socket, path, options);
  expect(got.status).toBe(status);
  const text = got.text === '' ? '' : (JSON.parse(got.text) as { message: string }).message;
  expect(text).toMatch(message);
});

test('before the first build, lists answer 503 and the status says why', async () => {
  const { socket } = await serve('', { current: () => undefined });
  expect(await get(socket, '/v1/routes')).toMatchObject({ status: 503, text: expect.stringContaining('"starting"') });
  expect((await get(socket, '/v1/status')).text).toContain('"state":"unhealthy"');
  expect((await get(socket, '/v1/problems')).status).toBe(200);
});

test('the port answers only requests for a name of this machine', async () => {
  const { port } = await serve();
  const ask = (host: string) => answerTo(request({ host: '127.0.0.1', port, path: '/v1/status', headers: { host } }));
  expect((await ask(`127.0.0.1:${port}`)).status).toBe(200);
  expect((await ask('localhost')).status).toBe(200);
  expect((await ask(`rebound.example.com:${port}`)).status).toBe(403);
});

test('only the owner can use the socket; a stale socket is replaced, and nothing else is', async () => {
  const { inspection, socket } = await serve();
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const handler = () => undefined;
  expect(await listenOnSocket(socket, handler)).toEqual({ obstacle: expect.stringContaining('another controller') });
  await inspection.close();
  const folder = await temporaryFolder();
  const stale = join(folder, 'stale.sock');
  // A killed process leaves its socket behind.
  const program = `net.createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program, stale]);
  expect(statSync(stale).isSocket()).toBe(true);
  const again = await listenOnSocket(stale, handler);
  expect(again).toMatchObject({ port: 0 });
  if ('close' in again) await again.close();
  const file = join(folder, 'file.sock');
  writeFileSync(file, 'kept');
  expect(await listenOnSocket(file, handler)).toEqual({ obstacle: `${file} is not a socket; remove it` });
  const long = join(folder, 'x'.repeat(120));
  expect(await listenOnSocket(long, handler)).toEqual({ obstacle: expect.stringContaining('at most 107 bytes') });
});

test('at most eight requests are answered at a time, and a client that leaves makes room', async () => {
  let release = (): void => undefined;
  const held = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  const { socket } = await serve('', { nginxState: () => held });
  const waiting = Array.from({ length: 8 }, () => {
    const sent = request({ socketPath: socket, path: '/v1/status', agent: false });
    sent.on('error', () => undefined);
    sent.end();
    return sent;
  });
  await expect.poll(async () => (await get(socket, '/v1/outcomes')).status).toBe(503);
  waiting[0]?.destroy();
  await expect.poll(async () => (await get(socket, '/v1/outcomes')).status).toBe(200);
  release();
  for (const sent of waiting) sent.destroy();
});

test('an answer is not computed to its end for a client that has gone', async () => {
  const { source } = await siteOf(SITE);
  const current = source.current();
  const [host] = current?.plan.static.hosts.values() ?? [];
  if (current === undefined || host === undefined) throw new Error('there is no build');
  let read = 0;
  const over = new AbortController();
  onTestFinished(() => over.abort());
  // The iteration over these hosts never ends.
  const endless = {
    *values() {
      for (; !over.signal.aborted; read += 1) yield host;
    },
  };
  const hosts = endless as unknown as typeof current.plan.static.hosts;
  const plan = { ...current.plan, static: { ...current.plan.static, hosts } };
  const { socket } = await serve('', { current: () => ({ ...current, plan }) });
  const sent = request({ socketPath: socket, path: '/v1/conf?host=nowhere', agent: false });
  sent.on('error', () => undefined);
  sent.end();
  await expect.poll(() => read).toBeGreaterThan(1000);
  sent.destroy();
  let before = -1;
  const moved = () => {
    const more = read - before;
    before = read;
    return more;
  };
  await expect.poll(moved).toBe(0);
});

async function streamOf(socket: string) {
  const events: ChangeEvent[] = [];
  const stopping = new AbortController();
  const ended = createInspectionClient(socket).changes((event) => events.push(event), stopping.signal);
  await expect.poll(() => events.length).toBe(1);
  onTestFinished(() => stopping.abort());
  return { events, stop: () => stopping.abort(), ended };
}

test('the stream sends Outcomes and Problems as they happen, and at most 200 Problems of one report', async () => {
  const { inspection, socket } = await serve();
  const { events, stop, ended } = await streamOf(socket);
  inspection.outcome('live', { kind: 'live', set: 1, removed: 0, revision: 3, ms: 1 }, ['endpoints of shop/web']);
  const all = Array.from({ length: 250 }, (_, index): Problem => {
    const object = { kind: 'Ingress', namespace: 'shop', name: `${index}` };
    return { code: 'annotation', severity: 'error', effect: 'none', object, message: 'is wrong' };
  });
  inspection.problems(all.slice(0, 1));
  await expect.poll(() => events.length).toBe(3);
  inspection.problems([]);
  await expect.poll(() => events.length).toBe(4);
  expect(events.slice(1)).toMatchObject([
    { type: 'outcome', outcome: { kind: 'live', revision: 3 } },
    { type: 'problem', problem: { object: { name: '0' }, solved: null } },
    { type: 'problem', problem: { object: { name: '0' }, solved: expect.any(String) } },
  ]);
  inspection.problems(all);
  await expect.poll(() => events.at(-1)?.type).toBe('more');
  expect(events).toHaveLength(4 + 200 + 1);
  expect(events.at(-1)).toMatchObject({ appeared: 50, solved: 0 });
  stop();
  expect(await ended).toEqual({ ok: true, value: undefined });
});

test('there are at most 16 streams, and a client that does not read is disconnected', async () => {
  const { inspection, socket } = await serve();
  const silent: ClientRequest[] = [];
  for (let index = 0; index < 16; index += 1) {
    const sent = request({ socketPath: socket, path: '/v1/changes', agent: false });
    sent.on('error', () => undefined);
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    response.pause();
    silent.push(sent);
  }
  expect(await get(socket, '/v1/changes', { agent: false })).toMatchObject({ status: 503 });
  const long = Array.from({ length: 5 }, () => 'x'.repeat(2000));
  for (let index = 0; index < 400; index += 1)
    inspection.outcome('live', { kind: 'live', set: 1, removed: 0, revision: index, ms: 1 }, long);
  await expect.poll(async () => (await streamOf(socket)).events.length).toBe(1);
  for (const sent of silent) sent.destroy();
});

test('a client that does not take its answer is disconnected', async () => {
  const text = JSON.stringify('x'.repeat(8_000_000));
  const answers = { outcomes: () => text } as unknown as Answers;
  const handler = createHandler({ answers, changes: createChangeStream(() => 0), checksHost: false, answerMs: 200 });
  let closed = false;
  const { socket } = await listening((given, response) => {
    handler(given, response);
    response.on('close', () => {
      closed ||= !response.writableFinished;
    });
  });
  const sent = request({ socketPath: socket, path: '/v1/outcomes', agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.pause();
  await expect.poll(() => closed).toBe(true);
  sent.destroy();
});

test('a stream sends heartbeats', async () => {
  const stream = createChangeStream(() => 0, 10);
  const { socket } = await listening((_, response) => stream.attach(response));
  const sent = request({ socketPath: socket, path: '/', agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await expect.poll(() => text.split(':\n\n').length).toBeGreaterThan(3);
  expect(stream.isWatched()).toBe(true);
  sent.destroy();
  await expect.poll(() => stream.isWatched()).toBe(false);
});

async function listening(handler: Parameters<typeof listenOnSocket>[1]): Promise<{ readonly socket: string }> {
  const socket = join(await temporaryFolder(), 'a.sock');
  const server = await listenOnSocket(socket, handler);
  if ('obstacle' in server) throw new Error(server.obstacle);
  onTestFinished(() => server.close());
  return { socket };
}

test('the client reports that nobody listens, what was refused, and an answer of an unexpected form', async () => {
  const nobody = createInspectionClient(join(await temporaryFolder(), 'none.sock'));
  expect(await nobody.get('status')).toMatchObject({
    ok: false,
    kind: 'nobody',
    message: expect.stringContaining('ENOENT'),
  });
  const { socket } = await serve();
  expect(await createInspectionClient(socket).get('conf', { host: 'a'.repeat(300) })).toMatchObject({
    kind: 'refused',
  });
  const { socket: other } = await listening((_, response) => void response.end('{"total":"many"}'));
  expect(await createInspectionClient(other).get('routes')).toMatchObject({
    kind: 'broken',
    message: expect.stringContaining('/v1/routes does not have the expected form'),
  });
});
