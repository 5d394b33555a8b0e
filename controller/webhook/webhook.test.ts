/** The webhook over real TLS connections. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issue, type KeyPair } from '../../e2e/certificates.ts';
import { admissionReaders } from '../cluster/index.ts';
import type { AdmissionResult, Review } from '../types/admission.ts';
import type { Changing, TlsPair } from '../types/changing.ts';
import { KEEP_EVERYTHING } from '../types/keeping.ts';
import { createWebhook, type WebhookLimits } from './handler.ts';
import { listenForReviews, type WebhookServer, type WebhookServerOptions } from './listen.ts';

const run = promisify(execFile);

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

/** A value that tests change. */
function changing<T>(first: T): Changing<T> & { readonly set: (value: T) => void } {
  let value = first;
  const listeners: (() => void)[] = [];
  return {
    current: () => value,
    onChange: (changed) => void listeners.push(changed),
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
  };
}

let authority: KeyPair;
let pair: KeyPair;
let server: WebhookServer | undefined;
const results: AdmissionResult[] = [];
const failures: string[] = [];

beforeAll(async () => {
  authority = await issue(['authority'], undefined, true);
  pair = await issue(['webhook.test'], authority);
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  results.length = 0;
  failures.length = 0;
});

async function start(
  review: Review,
  limits: Partial<WebhookLimits> = {},
  options: Partial<WebhookServerOptions> = {},
): Promise<void> {
  const handler = createWebhook({
    review,
    newReader: admissionReaders(KEEP_EVERYTHING),
    observe: (result) => void results.push(result),
    failed: (status, message) => void failures.push(`${status} ${message}`),
    limits,
  });
  const listening = await listenForReviews({
    host: '127.0.0.1',
    port: 0,
    pair: changing<TlsPair>(pair),
    handler,
    failed: (message) => void failures.push(message),
    ...options,
  });
  if ('obstacle' in listening) throw new Error(listening.obstacle);
  server = listening;
}

interface Sent {
  readonly method?: string;
  readonly type?: string;
  readonly agent?: Agent;
  readonly chunked?: boolean;
}

async function send(body: string | Buffer, { method = 'POST', type, agent, chunked }: Sent = {}): Promise<Reply> {
  const headers = {
    'content-type': type ?? 'application/json',
    ...(chunked !== true && { 'content-length': Buffer.byteLength(body) }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = request(
    {
      host: '127.0.0.1',
      port: server?.port,
      servername: 'webhook.test',
      path: '/networking/v1/ingresses?timeout=10s',
      method,
      headers,
      agent: agent ?? new Agent({ ca: authority.cert }),
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] }),
      );
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

const INGRESS = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' };

function reviewOf(more: object = {}, version = 'admission.k8s.io/v1'): string {
  return JSON.stringify({
    apiVersion: version,
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: INGRESS,
      operation: 'CREATE',
      namespace: 'shop',
      name: 'web',
      object: { metadata: { namespace: 'shop', name: 'web' }, spec: {} },
      oldObject: null,
      ...more,
    },
  });
}

const ADMIT: Review = async () => ({ warnings: [] });
const NEVER: Review = async () => {
  throw new Error('this request needs no review');
};

describe('an answer', () => {
  it('has the uid of its request, and the verdict', async () => {
    await start(async ({ name, namespace, operation }) => ({
      denial: `${operation} ${namespace}/${name} is bad`,
      warnings: ['one', 'two'],
    }));
    const { status, text } = await send(reviewOf());
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: {
          uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
          allowed: false,
          status: { code: 400, reason: 'BadRequest', message: 'CREATE shop/web is bad' },
          warnings: ['one', 'two'],
        },
      },
    ]);
    expect(results).toEqual(['denied']);
  });

  it.each([
    ['a deletion', { operation: 'DELETE', object: null, oldObject: { metadata: { name: 'web' } } }],
    ['CONNECT', { operation: 'CONNECT' }],
    ['another kind', { kind: { group: '', version: 'v1', kind: 'Service' } }],
    ['the status', { operation: 'UPDATE', subResource: 'status' }],
  ])('admits %s without a review', async (_, more) => {
    await start(NEVER);
    const { status, text } = await send(reviewOf(more));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ response: { allowed: true } });
    expect(results).toEqual(['skipped']);
  });

  it('says to try again while nothing has been built, but deletions are admitted', async () => {
    await start(async () => undefined);
    expect(await send(reviewOf())).toMatchObject({ status: 503, retryAfter: '1' });
    expect((await send(reviewOf({ operation: 'DELETE' }))).status).toBe(200);
  });

  it('of a review that fails or takes too long is an error, and the reason is passed on', async () => {
    await start(NEVER);
    expect(await send(reviewOf())).toMatchObject({ status: 500 });
    await server?.close();
    await start(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      { reviewMs: 50 },
    );
    expect(await send(reviewOf())).toMatchObject({
      status: 504,
      text: expect.stringContaining('within 50 ms') as string,
    });
    expect(failures).toEqual([expect.stringMatching(/^500 .*needs no review/), expect.stringMatching(/^504 /)]);
  });
});

describe('a request that cannot be reviewed gets a status and a reason', () => {
  it.each([
    [405, 'POST', '', { method: 'GET' }],
    [415, 'application/json', reviewOf(), { type: 'text/yaml' }],
    [415, 'UTF-8', reviewOf(), { type: 'application/json; charset=utf-16' }],
    [400, 'not JSON', '{"apiVersion":', {}],
    [400, 'continues after its first JSON value', `${reviewOf()}garbage`, {}],
    [400, 'continues after its first JSON value', `${reviewOf()}\n${reviewOf()}`, {}],
    [
      400,
      'nested more than 32 levels',
      reviewOf({ object: { spec: { tls: [{ hosts: 'DEEP' }] } } }).replace('"DEEP"', '['.repeat(99)),
      {},
    ],
    [400, 'not an AdmissionReview', '{}', {}],
    [400, 'admissionReviewVersions: [v1]', reviewOf({}, 'admission.k8s.io/v1beta1'), {}],
    [400, 'uid', reviewOf({ uid: '' }), {}],
    [400, 'uid', reviewOf({ uid: 'x'.repeat(500) }), {}],
    [400, 'operation', reviewOf({ operation: 'PATCH' }), {}],
    [400, 'matchPolicy: Equivalent', reviewOf({ kind: { ...INGRESS, version: 'v1beta1' } }), {}],
    [413, 'more than 2000 bytes', reviewOf({ object: 'x'.repeat(2000) }), {}],
    [413, 'more than 2000 bytes', reviewOf({ object: 'x'.repeat(100_000) }), { chunked: true }],
  ] as const)('%i %s', async (status, reason, body, how) => {
    await start(NEVER, { bodyBytes: 2000 });
    const { status: got, text } = await send(body, how);
    expect([got, text]).toEqual([status, expect.stringContaining(reason)]);
    expect(results).toEqual(['failed']);
  });
});

describe('limits', () => {
  it('150 requests at once are all answered', async () => {
    await start(ADMIT);
    const agent = new Agent({ ca: authority.cert, maxSockets: 150 });
    const replies = await Promise.all(
      Array.from({ length: 150 }, (_, index) => send(reviewOf({ uid: `uid-${index}` }), { agent })),
    );
    const uids = replies.map(({ text }) => (JSON.parse(text) as { response: { uid: string } }).response.uid);
    expect(uids).toEqual(replies.map((_, index) => `uid-${index}`));
    agent.destroy();
  });

  it('too many requests, and too many bytes, get 429', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await start(
      async () => {
        await promise;
        return { warnings: [] };
      },
      { requests: 2, allBytes: 2000 },
    );
    const waiting = [send(reviewOf()), send(reviewOf())];
    await expect.poll(async () => (await send(reviewOf())).status).toBe(429);
    expect(await send(reviewOf())).toMatchObject({ retryAfter: '1' });
    resolve();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await send(reviewOf({ name: 'x'.repeat(200), object: { spec: 'x'.repeat(2000) } }))).status).toBe(429);
    // The bytes and requests of refused requests are no longer counted.
    expect((await send(reviewOf())).status).toBe(200);
  });

  it('a review whose client has gone is ended', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await start(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            resolve(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    );
    const agent = new Agent({ ca: authority.cert });
    const lost = send(reviewOf(), { agent }).catch(String);
    setTimeout(() => agent.destroy(), 100);
    expect(await promise).toBeInstanceOf(Error);
    expect(await lost).toContain('socket hang up');
    await expect.poll(() => results).toEqual(['failed']);
  });
});

describe('certificates', () => {
  it('new connections get a renewed certificate; open ones stay usable', async () => {
    const value = changing<TlsPair>(pair);
    await start(ADMIT, {}, { pair: value });
    const before = new Agent({ ca: authority.cert, keepAlive: true, maxSockets: 1 });
    expect((await send(reviewOf(), { agent: before })).status).toBe(200);
    const other = await issue(['other'], undefined, true);
    value.set(await issue(['webhook.test'], other));
    expect((await send(reviewOf(), { agent: before })).status).toBe(200);
    await expect(send(reviewOf())).rejects.toThrow(/unable to verify|certificate/);
    expect((await send(reviewOf(), { agent: new Agent({ ca: other.cert }) })).status).toBe(200);
    value.set({ cert: 'nonsense', key: 'nonsense' });
    expect((await send(reviewOf(), { agent: new Agent({ ca: other.cert }) })).status).toBe(200);
    expect(failures).toHaveLength(1);
    before.destroy();
  });

  it('a client without a certificate of the authority is refused, and one with another name gets 403', async () => {
    const clients = await issue(['clients'], undefined, true);
    const [good, stranger, other] = await Promise.all([
      issue(['kube-apiserver'], clients),
      issue(['kube-apiserver'], authority),
      issue(['someone'], clients),
    ]);
    const as = ({ cert, key }: KeyPair) => ({ agent: new Agent({ ca: authority.cert, cert, key }) });
    await start(ADMIT, {}, { clientAuthorities: changing(clients.cert), clientName: 'kube-apiserver' });
    expect((await send(reviewOf(), as(good))).status).toBe(200);
    expect((await send(reviewOf(), as(other))).status).toBe(403);
    await expect(send(reviewOf(), as(stranger))).rejects.toThrow();
    await expect(send(reviewOf())).rejects.toThrow();
  });

  it('nobody can connect as long as the authorities of clients are not known', async () => {
    await start(ADMIT, {}, { clientAuthorities: { current: () => undefined, onChange: () => undefined } });
    await expect(send(reviewOf())).rejects.toThrow();
  });
});

it('curl gets an answer, and the reason for a refusal', async () => {
  await start(async () => ({ warnings: ['careful'] }));
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-webhook-'));
  try {
    await writeFile(path.join(folder, 'ca.pem'), authority.cert);
    await writeFile(path.join(folder, 'good.json'), reviewOf());
    await writeFile(path.join(folder, 'huge.json'), reviewOf({ object: 'x'.repeat(6_000_000) }));
    const curl = async (file: string) => {
      const options = [
        `--silent --show-error --noproxy * --cacert ${path.join(folder, 'ca.pem')}`,
        `--resolve webhook.test:${server?.port}:127.0.0.1 --data-binary @${path.join(folder, file)}`,
        `--header content-type:application/json https://webhook.test:${server?.port}/`,
      ];
      const { stdout } = await run('curl', ['--write-out', ' %{http_code}', ...options.join(' ').split(' ')]);
      return stdout;
    };
    expect(await curl('good.json')).toMatch(/"allowed":true,"warnings":\["careful"\]\}\} 200$/);
    expect(await curl('huge.json')).toBe('the body has more than 4194304 bytes\n 413');
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('bodies that no API server sends', () => {
  const agent = () => new Agent({ ca: authority.cert, keepAlive: true, maxSockets: 4 });

  it('random changes to a body lead to an answer with its uid, or to a status with a reason', async () => {
    await start(ADMIT);
    const shared = agent();
    const valid = Buffer.from(reviewOf());
    const changed = fc
      .array(fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
      .chain((edits) => fc.tuple(fc.constant(edits), fc.nat({ max: valid.length })))
      .map(([edits, length]) => {
        const body = Buffer.from(valid);
        for (const [at, byte] of edits) body[at] = byte;
        return length % 3 === 0 ? body.subarray(0, length) : body;
      });
    await fc.assert(
      fc.asyncProperty(changed, async (body) => {
        const { status, text } = await send(body, { agent: shared });
        if (status !== 200) expect([status, text]).toEqual([400, expect.stringMatching(/\S/)]);
        else expect((JSON.parse(text) as { response: { uid: unknown } }).response.uid).toMatch(/\S/);
      }),
      { numRuns: 200 },
    );
    shared.destroy();
  });

  it.each([
    ['arrays in arrays', (deep: string) => deep],
    ['arrays in arrays as the object', (deep: string) => reviewOf({ object: 'DEEP' }).replace('"DEEP"', deep)],
    ['arrays in arrays as the uid', (deep: string) => reviewOf({ uid: 'DEEP' }).replace('"DEEP"', deep)],
  ])('%s', async (_, body) => {
    await start(ADMIT);
    const { status } = await send(body(`${'['.repeat(500_000)}${']'.repeat(500_000)}`));
    expect([200, 400]).toContain(status);
    expect((await send(reviewOf())).status).toBe(200);
  });

  it('any JSON value instead of the request or a part of it', async () => {
    await start(ADMIT);
    const shared = agent();
    const key = fc.constantFrom('uid', 'kind', 'operation', 'namespace', 'name', 'object', 'oldObject', 'subResource');
    await fc.assert(
      fc.asyncProperty(key, fc.jsonValue(), async (name, value) => {
        const { status } = await send(reviewOf({ [name]: value }), { agent: shared });
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 200 },
    );
    shared.destroy();
  });
});
