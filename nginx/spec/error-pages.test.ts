/** Error pages: which backend answers a request whose error response NGINX intercepts. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from './backends.ts';
import { type Fixture, startFixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import { NOT_FOUND } from './not-found.ts';

const [ID, AUTH_ID] = ['00000000000000aa', '00000000000000ad'];
const SETTINGS = { httpsPort: 443, redirectCode: 308, forwarded: false };

let nginx: Fixture;
let web: Backend;
const pages: Server[] = [];
/** Name of a backend for error pages → the number of requests that it has answered. */
const asked = new Map<string, number>();

/** Starts a backend for error pages, which always answers 200. */
async function startPage(name: string): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    asked.set(name, (asked.get(name) ?? 0) + 1);
    outgoing.end(`${name} ${incoming.url ?? ''} ${String(incoming.headers['x-code'])}`);
  });
  pages.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

let ports: { own: number; all: number };

beforeAll(async () => {
  web = await startBackend('web');
  ports = { own: await startPage('own'), all: await startPage('all') };
  nginx = await startFixture();
});

beforeEach(async () => {
  asked.clear();
  await nginx.api.push({
    'g:settings': { ...SETTINGS, defaultBackend: 'system/pages/80' },
    'b:shop/web/80': endpoints(web.port),
    'b:shop/pages/80': endpoints(ports.own),
    'b:system/pages/80': endpoints(ports.all),
    [`r:${ID}`]: route('shop/web/80', { fallback: 'shop/pages/80', errorsToFallback: true }),
    [`r:${AUTH_ID}`]: route('shop/web/80'),
  });
});

afterAll(async () => {
  await nginx?.stop();
  await web?.close();
  for (const server of pages) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function failing(status: number): Promise<string> {
  const answer = await nginx.get('/pages/a?b=c', ID, { headers: { 'X-Answer': String(status) } });
  return `${answer.status} ${answer.body}`;
}

describe('an error that NGINX intercepts', () => {
  it("is answered by the route's fallback, or by the default backend if the fallback has no endpoints", async () => {
    expect(await failing(418)).toBe('200 own /?b=c 418');
    await nginx.api.push({ 'b:shop/pages/80': endpoints() });
    expect(await failing(418)).toBe('200 all /?b=c 418');
    await nginx.api.push({ 'b:shop/pages/80': null });
    expect(await failing(418)).toBe('200 all /?b=c 418');
  });

  it('is answered by the default backend if the route does not have errorsToFallback', async () => {
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { fallback: 'shop/pages/80' }) });
    expect(await failing(418)).toBe('200 all /?b=c 418');
  });

  it('is answered by the built-in 404 page if there is no default backend, until one is set', async () => {
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80'), 'g:settings': SETTINGS });
    expect(await failing(418)).toBe(`404 ${NOT_FOUND}`);
    await nginx.api.push({ 'g:settings': { ...SETTINGS, defaultBackend: 'shop/pages/80' } });
    expect(await failing(418)).toBe('200 own /?b=c 418');
    await nginx.api.push({ 'g:settings': { ...SETTINGS, defaultBackend: 'system/pages/80' } });
    expect(await failing(418)).toBe('200 all /?b=c 418');
  });

  it('is answered by the default backend if the route is removed during the request', async () => {
    const pending = nginx.get('/pages/a', ID, { headers: { 'X-Answer': '418', 'X-Delay': '300' } });
    await new Promise((done) => setTimeout(done, 100));
    await nginx.api.push({ [`r:${ID}`]: null });
    const { status, body } = await pending;
    expect(`${status} ${body}`).toBe('200 all / 418');
  });

  it('leaves no request state in the workers', async () => {
    for (let i = 0; i < 20; i += 1) await failing(i % 2 === 0 ? 418 : 503);
    expect(asked.get('own')).toBe(20);
    // Each request has a new connection, so that both workers are used.
    for (let i = 0; i < 8; i += 1) expect((await nginx.api.send('GET', '/fault/request-state')).body).toBe('0\n');
  });
});

describe('an authentication subrequest', () => {
  it('refuses the request even if its 401 or 403 has an error page that answers 200', async () => {
    const refused = await nginx.get('/guarded/a', ID, { headers: { 'X-Auth-Route': AUTH_ID, 'X-Answer': '401' } });
    expect(refused.status).toBe(401);
    const forbidden = await nginx.get('/guarded/a', ID, { headers: { 'X-Auth-Route': AUTH_ID, 'X-Answer': '403' } });
    expect(forbidden.status).toBe(403);
    expect(asked.size).toBe(0);
    const granted = await nginx.get('/guarded/a', ID, { headers: { 'X-Auth-Route': AUTH_ID } });
    expect(granted.status).toBe(200);
  });
});
