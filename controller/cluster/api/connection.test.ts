import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { sleep } from '../fixtures/emulated.ts';
import { loadApi } from './connection.ts';
import type { ApiConnection } from './connection.ts';

interface Pair {
  readonly cert: string;
  readonly private: string;
}

function pair(): Promise<Pair> {
  return generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
}

async function serve(
  { cert, private: key }: Pair,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server & { setSecureContext?: unknown }; url: string }> {
  const server = createServer({ cert, key }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function load(options: Parameters<typeof loadApi>[0]): Promise<ApiConnection> {
  const connection = await loadApi(options);
  onTestFinished(() => connection.close());
  return connection;
}

/** Creates a kubeconfig that refers to files beside it for the token and CA. */
async function folderFor(url: string, ca: string): Promise<string> {
  const user = { name: 'u', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: 'TOKEN' } } } };
  const folder = await temporaryFolder({ 'ca.crt': ca, token: 'first' });
  user.user['auth-provider'].config.tokenFile = join(folder, 'token');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': join(folder, 'ca.crt') } }],
    users: [user],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(config));
  return folder;
}

test('a connection sends the token, query and body, and returns responses with any status', async () => {
  const key = await pair();
  const seen: string[] = [];
  const { url } = await serve(key, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      seen.push(`${request.method} ${request.url} ${authorization} ${type} ${body}`);
      response.writeHead(request.method === 'PUT' ? 409 : 200, { 'retry-after': '3' });
      response.end(request.method === 'PUT' ? 'a conflict' : '{"kind":"Status"}');
    });
  });
  const folder = await folderFor(`${url}/k8s/`, key.cert);
  const api = await load({ kubeconfig: join(folder, 'kubeconfig') });
  const query = { fieldSelector: 'type!=a,metadata.name=b' };
  expect(await api.request('GET', '/api/v1/secrets', { query })).toEqual({
    status: 200,
    body: { kind: 'Status' },
    retryAfterMs: 3000,
  });
  const put = await api.request('PUT', '/api/v1/x', { body: { a: 1 }, contentType: 'application/apply-patch+yaml' });
  expect(put).toEqual({ status: 409, body: 'a conflict', retryAfterMs: 3000 });
  expect(seen).toEqual([
    'GET /k8s/api/v1/secrets?fieldSelector=type%21%3Da%2Cmetadata.name%3Db Bearer first undefined ',
    'PUT /k8s/api/v1/x Bearer first application/apply-patch+yaml {"a":1}',
  ]);
});

test('the token file is read again after a 401 response', async () => {
  const key = await pair();
  const { url } = await serve(key, (request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer second' ? 200 : 401).end('{}');
  });
  const folder = await folderFor(url, key.cert);
  const api = await load({ kubeconfig: join(folder, 'kubeconfig') });
  expect((await api.request('GET', '/version')).status).toBe(401);
  expect((await api.request('GET', '/version')).status).toBe(401);
  writeFileSync(join(folder, 'token'), 'second');
  // The file is not read again at once, so that an endless series of 401 responses does not cause an endless series of
  // reads.
  expect((await api.request('GET', '/version')).status).toBe(401);
  await sleep(1100);
  expect((await api.request('GET', '/version')).status).toBe(401);
  expect((await api.request('GET', '/version')).status).toBe(200);
});

test('a server with a certificate of another CA is refused until the CA file contains that CA', async () => {
  const [old, next] = [await pair(), await pair()];
  const { url } = await serve(next, (_request, response) => response.end('{}'));
  const folder = await temporaryFolder({ 'ca.crt': old.cert });
  const api = await load({ apiserverHost: url, certificateAuthority: join(folder, 'ca.crt') });
  await expect(api.request('GET', '/version')).rejects.toThrow(/certificate/);
  writeFileSync(join(folder, 'ca.crt'), next.cert);
  expect((await api.request('GET', '/version')).status).toBe(200);
});

test('a request rejects on a timeout and on an abort', async () => {
  const key = await pair();
  const { url } = await serve(key, () => {});
  const folder = await temporaryFolder({ 'ca.crt': key.cert });
  const api = await load({ apiserverHost: url, certificateAuthority: join(folder, 'ca.crt') });
  await expect(api.request('GET', '/version', { timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms');
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(api.request('GET', '/version', { signal })).rejects.toThrow('enough');
});

test('if no API server is configured, the message explains what to configure', async () => {
  await expect(loadApi({ apiserverHost: 'kubernetes' })).rejects.toThrow('for example https://10.0.0.1:6443');
  await expect(loadApi({ kubeconfig: '/nowhere/kubeconfig' })).rejects.toThrow('/nowhere/kubeconfig');
  await expect(loadApi()).rejects.toThrow('--kubeconfig ~/.kube/config');
});
