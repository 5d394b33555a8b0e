/** How routes answer requests without proxying them: refusals, redirects, and which of them takes precedence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveRoute } from '../../controller/types/live-route.ts';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { selfSigned } from './certificates.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import { NOT_FOUND } from './not-found.ts';
import type { RequestOptions } from './request.ts';

const ID = '0000000000000001';
const ERROR_ID = '0000000000000002';
const AUTH_ID = '0000000000000003';

let nginx: Fixture;
let backend: Backend;

beforeAll(async () => {
  backend = await startBackend('one');
  nginx = await startFixture({ init: 'log_upstream_name = true, forwarded = false' });
  await nginx.api.push({
    'g:settings': { httpsPort: 443, redirectCode: 308, forwarded: false },
    'b:shop/web/80': endpoints(backend.port),
    'b:shop/empty/80': endpoints(),
    'c:shop/tls': selfSigned('a.example.com'),
    'n:a.example.com': 'shop/tls',
    'n:*.wild.example.com': 'shop/tls',
    'n:_': 'shop/tls',
    [`r:${ERROR_ID}`]: route('shop/web/80'),
    [`r:${AUTH_ID}`]: route('shop/web/80'),
  });
});

afterAll(async () => {
  await nginx?.stop();
  await backend?.close();
});

/** Pushes a route with `changes`, sends a request, and returns the response. */
async function ask(changes: Partial<LiveRoute>, path: string, options: RequestOptions = {}) {
  const { backend: key = 'shop/web/80', ...rest } = changes;
  await nginx.api.push({ [`r:${ID}`]: route(key, rest) });
  return nginx.get(path, ID, options);
}

describe('a route', () => {
  it('passes the request to its backend unchanged, and sets the variable with the name of the upstream', async () => {
    const answer = await ask({}, '/a%2Fb/../c?d=%20e', {
      method: 'POST',
      body: 'text',
      headers: { Host: 'a.example.com' },
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body) as Seen).toMatchObject({
      url: '/a%2Fb/../c?d=%20e',
      method: 'POST',
      body: 'text',
      headers: { host: 'a.example.com' },
    });
    expect(answer.headers['x-upstream-name']).toBe('shop-web-80');
  });

  it('that is unknown, or whose backend does not exist or has no endpoints, answers 503', async () => {
    expect((await nginx.get('/', 'ffffffffffffffff')).status).toBe(503);
    expect((await nginx.get('/', 'x'.repeat(2000))).status).toBe(503);
    expect((await ask({ backend: 'shop/missing/80' }, '/')).status).toBe(503);
    expect((await ask({ backend: 'shop/empty/80' }, '/')).status).toBe(503);
  });

  it('without a backend answers with the built-in 404 page', async () => {
    const answer = await ask({ backend: null }, '/');
    expect(answer).toMatchObject({ status: 404, body: NOT_FOUND });
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.headers['content-length']).toBe('146');
    expect(answer.headers['x-upstream-name']).toBe('upstream-default-backend');
    const head = await nginx.get('/', ID, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 404, body: '' });
  });

  it('is not needed by a location that neither proxies nor redirects', async () => {
    expect(await nginx.get('/static', ID)).toMatchObject({ status: 200, body: 'static\n' });
  });
});

describe('a route with fields for redirects or refusals', () => {
  // Title, fields of the route, path, request headers, expected status, and expected Location.
  const rows: readonly [string, Partial<LiveRoute>, string, Record<string, string>, number, string?][] = [
    [
      'deny 503 takes precedence over tlsRedirect and appRoot',
      { deny: 503, tlsRedirect: 'always', appRoot: '/x' },
      '/',
      {},
      503,
    ],
    ['deny 403 refuses requests with 403', { deny: 403 }, '/any', {}, 403],
    [
      'appRoot redirects / on the requested host and port',
      { appRoot: '/start' },
      '/',
      { Host: 'A.example.com:8080' },
      302,
      'http://A.example.com:8080/start',
    ],
    [
      'appRoot takes precedence over tlsRedirect',
      { appRoot: '/start', tlsRedirect: 'always' },
      '/',
      { Host: 'h' },
      302,
      'http://h/start',
    ],
    [
      'appRoot with a query drops the query of the request',
      { appRoot: '/start?a=b' },
      '/?c=d',
      { Host: 'h' },
      302,
      'http://h/start?a=b',
    ],
    ['appRoot does not redirect other paths', { appRoot: '/start' }, '/else', {}, 200],
    [
      'tlsRedirect "always" redirects to HTTPS with the host in lower case and without its port',
      { tlsRedirect: 'always' },
      '/a/b?c=d',
      { Host: 'H.example.com:81' },
      308,
      'https://h.example.com/a/b?c=d',
    ],
    ['tlsRedirect of / leads to a URL without a path', { tlsRedirect: 'always' }, '/', { Host: 'h' }, 308, 'https://h'],
    [
      'tlsRedirect removes a slash at the end of the path',
      { tlsRedirect: 'always' },
      '/a/',
      { Host: 'h' },
      308,
      'https://h/a',
    ],
    [
      'tlsRedirect removes only one slash at the end of the path',
      { tlsRedirect: 'always' },
      '/a//',
      { Host: 'h' },
      308,
      'https://h/a/',
    ],
    [
      'tlsRedirect leaves a slash in the query unchanged',
      { tlsRedirect: 'always' },
      '/a?b=/',
      { Host: 'h' },
      308,
      'https://h/a?b=/',
    ],
    [
      'tlsRedirect leaves the encoding of the path unchanged',
      { tlsRedirect: 'always' },
      '/%0d%0aX:y',
      { Host: 'h' },
      308,
      'https://h/%0d%0aX:y',
    ],
    [
      'tlsRedirect of a path that begins with // leads to the requested host',
      { tlsRedirect: 'always' },
      '//evil.example',
      { Host: 'h' },
      308,
      'https://h//evil.example',
    ],
    [
      'tlsRedirect "named" redirects a host with a certificate',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'a.example.com' },
      308,
      'https://a.example.com/x',
    ],
    [
      'tlsRedirect "named" redirects a host with a certificate that is written in capitals',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'A.Example.COM' },
      308,
      'https://a.example.com/x',
    ],
    [
      'tlsRedirect "named" redirects a host one label below a wildcard certificate',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'b.wild.example.com' },
      308,
      'https://b.wild.example.com/x',
    ],
    [
      'tlsRedirect "named" does not redirect a host two labels below a wildcard certificate',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'b.c.wild.example.com' },
      200,
    ],
    [
      'tlsRedirect "named" does not redirect a host without a certificate',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'b.example.com' },
      200,
    ],
    [
      'tlsRedirect "named" does not redirect the host _, which is the key of the default certificate',
      { tlsRedirect: 'named' },
      '/x',
      { Host: '_' },
      200,
    ],
    [
      'tlsRedirect takes precedence over slashRedirect',
      { tlsRedirect: 'always', slashRedirect: '/a' },
      '/a',
      { Host: 'h' },
      308,
      'https://h/a',
    ],
    ['tlsRedirect needs no backend', { tlsRedirect: 'always', backend: null }, '/a', { Host: 'h' }, 308, 'https://h/a'],
    [
      'tlsRedirect ignores an X-Scheme header of the client',
      { tlsRedirect: 'always' },
      '/a',
      { Host: 'h', 'X-Scheme': 'https' },
      308,
      'https://h/a',
    ],
    [
      'tlsRedirect with keepSlash keeps a slash at the end of the path',
      { tlsRedirect: 'always', keepSlash: true },
      '/a/?b=/',
      { Host: 'h' },
      308,
      'https://h/a/?b=/',
    ],
    [
      'tlsRedirect with keepSlash keeps the path /',
      { tlsRedirect: 'always', keepSlash: true },
      '/',
      { Host: 'h' },
      308,
      'https://h/',
    ],
    [
      'tlsRedirect with redirectPort "always" contains the HTTPS port',
      { tlsRedirect: 'always', redirectPort: 'always' },
      '/a',
      { Host: 'h:81' },
      308,
      'https://h:443/a',
    ],
    [
      'redirect to a URL leads to the URL without the path and query of the request',
      { redirect: { to: 'https://b/c?d', code: 307 } },
      '/x?y',
      { Host: 'h' },
      307,
      'https://b/c?d',
    ],
    [
      'redirect to a URL needs no backend',
      { redirect: { to: 'http://b', code: 301 }, backend: null },
      '/',
      {},
      301,
      'http://b',
    ],
    [
      'redirect to a path leads to the requested host and port',
      { redirect: { to: '/new', code: 308 } },
      '/x',
      { Host: 'h:81' },
      308,
      'http://h:81/new',
    ],
    [
      'redirect to a path with redirectPort "never" contains no port',
      { redirect: { to: '/new', code: 301 }, redirectPort: 'never' },
      '/x',
      { Host: '[::1]:81' },
      301,
      'http://[::1]/new',
    ],
    [
      'a relative redirect sends only the path',
      { redirect: { to: '/new', code: 303, relative: true } },
      '/x',
      { Host: 'h' },
      303,
      '/new',
    ],
    [
      'redirect takes precedence over tlsRedirect and slashRedirect',
      { redirect: { to: '/new', code: 302 }, tlsRedirect: 'always', slashRedirect: '/a' },
      '/a',
      { Host: 'h' },
      302,
      'http://h/new',
    ],
    [
      'appRoot takes precedence over redirect',
      { redirect: { to: '/new', code: 302 }, appRoot: '/s' },
      '/',
      { Host: 'h' },
      302,
      'http://h/s',
    ],
    [
      'redirect with $request_uri contains the path and query of the request',
      { redirect: { to: 'https://b', rest: ['$request_uri'], code: 301 } },
      '/x/%20?y=z&a="',
      { Host: 'h' },
      301,
      'https://b/x/%20?y=z&a=%22',
    ],
    [
      'redirect with $request_uri cannot lead to another host',
      { redirect: { to: 'https://b', rest: ['$request_uri'], code: 301 } },
      '//evil.example/',
      { Host: 'h' },
      301,
      'https://b//evil.example/',
    ],
    [
      'redirect whose variable follows the host has a slash between them',
      { redirect: { to: 'https://b', rest: ['$args'], code: 301 } },
      '/?.evil.example',
      { Host: 'h' },
      301,
      'https://b/.evil.example',
    ],
    [
      'redirect with $uri encodes the decoded path again',
      { redirect: { to: 'https://b', rest: ['/new', '$uri', '$is_args', '$args'], code: 301 } },
      '/%0d%0aSet-Cookie:%20a%3Fb%23%25?c=d',
      { Host: 'h' },
      301,
      'https://b/new/%0D%0ASet-Cookie:%20a%3Fb%23%25?c=d',
    ],
    [
      'redirect with $scheme and $host contains the scheme and host of the request',
      { redirect: { to: '$scheme://$host:8443', rest: ['/a?to=', '$scheme', ':', '$host'], code: 307 } },
      '/x',
      { Host: 'h:81' },
      307,
      'http://h:8443/a?to=http:h',
    ],
    [
      'redirect that leads to the requested URL itself answers 508',
      { redirect: { to: '$scheme://$host', rest: ['$request_uri'], code: 301 } },
      '/x?y',
      { Host: 'h' },
      508,
    ],
    [
      'a relative redirect with $request_uri cannot lead to another host',
      { redirect: { to: '/', rest: ['$request_uri'], code: 303, relative: true } },
      '//evil.example/',
      { Host: 'h' },
      303,
      '/evil.example/',
    ],
    [
      'rewrite to a URL redirects with 302, takes precedence over tlsRedirect, and keeps the query',
      { rewrite: { pattern: '/pre/(.*)', target: ['https://b/', 1] }, backend: null, tlsRedirect: 'always' },
      '/pre/a?c=d&e="',
      { Host: 'h' },
      302,
      'https://b/a?c=d&e=%22',
    ],
    [
      'rewrite to a URL has captures that cannot change its host',
      { rewrite: { pattern: '/pre(.*)', target: ['https://b', 1] }, backend: null },
      '/pre.evil.example/%0d%0aX:%20y%3F%23%5c%C3%A4?',
      { Host: 'h' },
      302,
      'https://b/.evil.example/%0D%0AX:%20y%3F%23%5C%C3%A4',
    ],
    [
      'rewrite to a URL may contain a port and a query',
      { rewrite: { pattern: '/pre/(.*)', target: ['http://b:81?x=', 1] }, backend: null },
      '/pre/a%26b?c',
      { Host: 'h' },
      302,
      'http://b:81/?x=a%26b&c',
    ],
    [
      'rewrite to a URL that is the requested URL itself answers 508',
      { rewrite: { pattern: '/(.*)', target: ['http://h/', 1] }, backend: null },
      '/a?b',
      { Host: 'h' },
      508,
    ],
    [
      'rewrite to a URL with a pattern that takes too long to match answers 500',
      { rewrite: { pattern: '/(a+)+$', target: ['http://b/', 1] }, backend: null },
      `/${'a'.repeat(60)}!`,
      { Host: 'h' },
      500,
    ],
    [
      'redirect takes precedence over a rewrite to a URL',
      { redirect: { to: '/new', code: 301 }, rewrite: { pattern: '/', target: ['http://b/'] }, backend: null },
      '/x',
      { Host: 'h' },
      301,
      'http://h/new',
    ],
    ['deny takes precedence over redirect', { redirect: { to: '/new', code: 302 }, deny: 503 }, '/', {}, 503],
    [
      'hostRedirect leads to another host with the path and query of the request',
      { hostRedirect: 'b.c', backend: null },
      '/x/?y=/',
      { Host: 'h:81' },
      308,
      'http://b.c/x/?y=/',
    ],
    [
      'hostRedirect of a path that begins with // leads to the given host',
      { hostRedirect: 'b.c', backend: null },
      '//evil.example',
      { Host: 'h' },
      308,
      'http://b.c//evil.example',
    ],
    ['deny takes precedence over hostRedirect', { hostRedirect: 'b.c', deny: 503 }, '/', {}, 503],
    [
      'slashRedirect appends a slash to its path and keeps the query',
      { slashRedirect: '/a' },
      '/a?b=c',
      {},
      301,
      '/a/?b=c',
    ],
    ['slashRedirect appends a slash to its path without a query', { slashRedirect: '/a' }, '/a', {}, 301, '/a/'],
    ['slashRedirect does not redirect other paths', { slashRedirect: '/a' }, '/a/', {}, 200],
    [
      'slashRedirect matches the decoded path and sends an encoded path',
      { slashRedirect: '/ä%' },
      '/%C3%A4%25',
      {},
      301,
      '/%C3%A4%25/',
    ],
    [
      'slashRedirect sends its own path, even if the request path begins with //',
      { slashRedirect: '/a' },
      '//evil.example/../a',
      {},
      301,
      '/a/',
    ],
  ];
  it.each(rows)('%s', async (_name, changes, path, headers, status, location) => {
    const answer = await ask(changes, path, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.location).toBe(location);
  });

  it('does not redirect HTTPS requests to HTTPS, and appRoot then redirects to https', async () => {
    expect((await ask({ tlsRedirect: 'always' }, '/', { tls: true, port: nginx.tlsPort })).status).toBe(200);
    const answer = await ask({ appRoot: '/start' }, '/', { tls: true, port: nginx.tlsPort, headers: { Host: 'h' } });
    expect(answer.headers.location).toBe('https://h/start');
  });

  it('redirects with the HTTPS port and the status in the settings', async () => {
    await nginx.api.push({ 'g:settings': { httpsPort: 8443, redirectCode: 307, forwarded: false } });
    const answer = await ask({ tlsRedirect: 'always' }, '/a', { headers: { Host: '[::1]:8080' } });
    expect(answer).toMatchObject({ status: 307, headers: { location: 'https://[::1]:8443/a' } });
    const without = await ask({ tlsRedirect: 'always', redirectPort: 'never' }, '/a', { headers: { Host: 'h:80' } });
    expect(without.headers.location).toBe('https://h/a');
    await nginx.api.push({ 'g:settings': null });
    expect((await ask({ tlsRedirect: 'always' }, '/a', { headers: { Host: 'h' } })).status).toBe(308);
  });
});

describe('a request that NGINX redirects internally, or that has a subrequest', () => {
  it('reaches the backend of the error location, whose route differs from the route of the request', async () => {
    const options = { headers: { 'X-Answer': '503', 'X-Error-Route': ERROR_ID } };
    const answer = await ask({ backend: 'shop/web/80' }, '/intercept/a', options);
    expect(JSON.parse(answer.body) as Seen).toMatchObject({ url: '/intercept/a' });
    expect(answer.status).toBe(503);
  });

  it('reaches the backend of the error location after its route has refused the request', async () => {
    const before = backend.count();
    const answer = await ask({ deny: 503 }, '/intercept/a', { headers: { 'X-Error-Route': ERROR_ID } });
    expect(JSON.parse(answer.body) as Seen).toMatchObject({ backend: 'one' });
    expect(backend.count()).toBe(before + 1);
  });

  it('reaches the backend of its own route after a subrequest with another route', async () => {
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
    const before = backend.count();
    const answer = await nginx.get('/authenticated/x', ID, { headers: { 'X-Auth-Route': AUTH_ID } });
    expect(JSON.parse(answer.body) as Seen).toMatchObject({ url: '/authenticated/x' });
    expect(backend.count()).toBe(before + 2);
    const refused = await nginx.get('/authenticated/x', ID, { headers: { 'X-Auth-Route': 'ffffffffffffffff' } });
    expect(refused.status).toBe(500);
  });

  it('leaves no request state in the workers', async () => {
    for (let i = 0; i < 20; i += 1) {
      await nginx.get('/intercept/a', ID, { headers: { 'X-Answer': '503', 'X-Error-Route': ERROR_ID } });
    }
    for (let i = 0; i < 8; i += 1) {
      // Each request has a new connection, so that both workers are used.
      expect((await nginx.api.send('GET', '/fault/request-state')).body).toBe('0\n');
    }
  });
});

describe('with a trusted proxy in front of NGINX', () => {
  let behind: Fixture;

  beforeAll(async () => {
    behind = await startFixture({ workers: 1, init: 'forwarded = true' });
    await behind.api.push({
      'b:shop/web/80': endpoints(backend.port),
      [`r:${ID}`]: route('shop/web/80', { tlsRedirect: 'always' }),
    });
  });

  afterAll(() => behind?.stop());

  // Title, request headers in addition to Host and X-Trusted, and the resulting $tidegate_scheme, $tidegate_host and
  // $tidegate_port.
  const rows: readonly [string, Record<string, string>, string][] = [
    ['without forwarded headers, the values of the connection apply', {}, 'http,h:81,80'],
    ['X-Forwarded-Proto sets the scheme and its default port', { 'X-Forwarded-Proto': 'https' }, 'https,h:81,443'],
    [
      'the first item of a list in X-Forwarded-Proto applies',
      { 'X-Forwarded-Proto': ' https , http' },
      'https,h:81,443',
    ],
    ['an unknown scheme in X-Forwarded-Proto is ignored', { 'X-Forwarded-Proto': 'ftp' }, 'http,h:81,80'],
    [
      'X-Forwarded-Host and X-Forwarded-Port set host and port',
      { 'X-Forwarded-Host': 'a.example.com', 'X-Forwarded-Port': '8443' },
      'http,a.example.com,8443',
    ],
    [
      'an invalid X-Forwarded-Host or X-Forwarded-Port is ignored',
      { 'X-Forwarded-Host': 'a/b', 'X-Forwarded-Port': 'x' },
      'http,h:81,80',
    ],
  ];
  it.each(rows)('%s, and headers of other peers are ignored', async (_name, said, expected) => {
    const headers = { Host: 'h:81', ...said };
    const trusted = await behind.get('/', ID, { headers: { ...headers, 'X-Trusted': '1' } });
    expect(trusted.headers['x-forwarding']).toBe(expected);
    expect(trusted.status).toBe(expected.startsWith('https') ? 200 : 308);
    const other = await behind.get('/', ID, { headers: { ...headers, 'X-Trusted': '0' } });
    expect(other.headers['x-forwarding']).toBe('http,h:81,80');
    expect(other.status).toBe(308);
  });
});

it('workers create unique request ids of 32 hexadecimal digits', async () => {
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
  const ids = new Set<string>();
  // More ids than a worker creates at once.
  for (let count = 0; count < 700; count += 1) {
    const { headers } = await nginx.get('/', ID);
    const id = String(headers['x-made-id']);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    ids.add(id);
  }
  expect(ids.size).toBe(700);
});

it('workers do not confuse routes whose ids differ only in one 32-bit word', async () => {
  const first = '00000000000000f0';
  // Each of the others differs from the first id in one 32-bit word.
  const ids = [first, 'a0000000000000f0', '0000a000000000f0', '00000000a00000f0', '000000000000a0f0'];
  for (const id of ids) {
    await nginx.api.push({ [`b:shop/${id}/80`]: endpoints(backend.port), [`r:${id}`]: route(`shop/${id}/80`) });
  }
  const asked = ids.flatMap((id) => [first, id]);
  const seen: unknown[] = [];
  for (const id of asked) seen.push((await nginx.get('/', id)).headers['x-upstream-name']);
  expect(seen).toEqual(asked.map((id) => `shop-${id}-80`));
});
