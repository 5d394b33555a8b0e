/** How a route answers requests that are not proxied: refusals, redirects, and their order. */
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
  it('proxies the unchanged request, and sets the name of its upstream', async () => {
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

  it('that is unknown, or has a missing or empty backend, answers 503', async () => {
    expect((await nginx.get('/', 'ffffffffffffffff')).status).toBe(503);
    expect((await nginx.get('/', 'x'.repeat(2000))).status).toBe(503);
    expect((await ask({ backend: 'shop/missing/80' }, '/')).status).toBe(503);
    expect((await ask({ backend: 'shop/empty/80' }, '/')).status).toBe(503);
  });

  it('without a backend answers the built-in 404', async () => {
    const answer = await ask({ backend: null }, '/');
    expect(answer).toMatchObject({ status: 404, body: NOT_FOUND });
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.headers['content-length']).toBe('146');
    expect(answer.headers['x-upstream-name']).toBe('upstream-default-backend');
    const head = await nginx.get('/', ID, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 404, body: '' });
  });

  it('is not required in every location', async () => {
    expect(await nginx.get('/static', ID)).toMatchObject({ status: 200, body: 'static\n' });
  });
});

describe('redirects', () => {
  // Title, fields of the route, path, request headers, expected status, and expected Location.
  const rows: readonly [string, Partial<LiveRoute>, string, Record<string, string>, number, string?][] = [
    ['deny', { deny: 503, tlsRedirect: 'always', appRoot: '/x' }, '/', {}, 503],
    ['deny with another status', { deny: 403 }, '/any', {}, 403],
    ['app root', { appRoot: '/start' }, '/', { Host: 'A.example.com:8080' }, 302, 'http://A.example.com:8080/start'],
    ['app root before TLS', { appRoot: '/start', tlsRedirect: 'always' }, '/', { Host: 'h' }, 302, 'http://h/start'],
    ['app root with a query', { appRoot: '/start?a=b' }, '/?c=d', { Host: 'h' }, 302, 'http://h/start?a=b'],
    ['app root elsewhere', { appRoot: '/start' }, '/else', {}, 200],
    [
      'TLS always',
      { tlsRedirect: 'always' },
      '/a/b?c=d',
      { Host: 'H.example.com:81' },
      308,
      'https://h.example.com/a/b?c=d',
    ],
    ['TLS of /', { tlsRedirect: 'always' }, '/', { Host: 'h' }, 308, 'https://h'],
    ['TLS of a/', { tlsRedirect: 'always' }, '/a/', { Host: 'h' }, 308, 'https://h/a'],
    ['TLS of a//', { tlsRedirect: 'always' }, '/a//', { Host: 'h' }, 308, 'https://h/a/'],
    ['TLS keeps a slash in the query', { tlsRedirect: 'always' }, '/a?b=/', { Host: 'h' }, 308, 'https://h/a?b=/'],
    ['TLS keeps the encoding', { tlsRedirect: 'always' }, '/%0d%0aX:y', { Host: 'h' }, 308, 'https://h/%0d%0aX:y'],
    ['TLS of //x', { tlsRedirect: 'always' }, '//evil.example', { Host: 'h' }, 308, 'https://h//evil.example'],
    ['TLS named, exact', { tlsRedirect: 'named' }, '/x', { Host: 'a.example.com' }, 308, 'https://a.example.com/x'],
    [
      'TLS named, upper case',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'A.Example.COM' },
      308,
      'https://a.example.com/x',
    ],
    [
      'TLS named, one label',
      { tlsRedirect: 'named' },
      '/x',
      { Host: 'b.wild.example.com' },
      308,
      'https://b.wild.example.com/x',
    ],
    ['TLS named, two labels', { tlsRedirect: 'named' }, '/x', { Host: 'b.c.wild.example.com' }, 200],
    ['TLS named, other', { tlsRedirect: 'named' }, '/x', { Host: 'b.example.com' }, 200],
    ['TLS named, _', { tlsRedirect: 'named' }, '/x', { Host: '_' }, 200],
    ['TLS before slash', { tlsRedirect: 'always', slashRedirect: '/a' }, '/a', { Host: 'h' }, 308, 'https://h/a'],
    ['TLS without a backend', { tlsRedirect: 'always', backend: null }, '/a', { Host: 'h' }, 308, 'https://h/a'],
    [
      'X-Scheme is not trusted',
      { tlsRedirect: 'always' },
      '/a',
      { Host: 'h', 'X-Scheme': 'https' },
      308,
      'https://h/a',
    ],
    [
      'TLS with the slash kept',
      { tlsRedirect: 'always', keepSlash: true },
      '/a/?b=/',
      { Host: 'h' },
      308,
      'https://h/a/?b=/',
    ],
    ['TLS of / kept', { tlsRedirect: 'always', keepSlash: true }, '/', { Host: 'h' }, 308, 'https://h/'],
    [
      'TLS with its port',
      { tlsRedirect: 'always', redirectPort: 'always' },
      '/a',
      { Host: 'h:81' },
      308,
      'https://h:443/a',
    ],
    ['a target', { redirect: { to: 'https://b/c?d', code: 307 } }, '/x?y', { Host: 'h' }, 307, 'https://b/c?d'],
    [
      'a target without a backend',
      { redirect: { to: 'http://b', code: 301 }, backend: null },
      '/',
      {},
      301,
      'http://b',
    ],
    ['a path', { redirect: { to: '/new', code: 308 } }, '/x', { Host: 'h:81' }, 308, 'http://h:81/new'],
    [
      'a path without a port',
      { redirect: { to: '/new', code: 301 }, redirectPort: 'never' },
      '/x',
      { Host: '[::1]:81' },
      301,
      'http://[::1]/new',
    ],
    ['a relative path', { redirect: { to: '/new', code: 303, relative: true } }, '/x', { Host: 'h' }, 303, '/new'],
    [
      'a target before TLS and slash',
      { redirect: { to: '/new', code: 302 }, tlsRedirect: 'always', slashRedirect: '/a' },
      '/a',
      { Host: 'h' },
      302,
      'http://h/new',
    ],
    [
      'app root before a target',
      { redirect: { to: '/new', code: 302 }, appRoot: '/s' },
      '/',
      { Host: 'h' },
      302,
      'http://h/s',
    ],
    [
      'a target with the URI',
      { redirect: { to: 'https://b', rest: ['$request_uri'], code: 301 } },
      '/x/%20?y=z&a="',
      { Host: 'h' },
      301,
      'https://b/x/%20?y=z&a=%22',
    ],
    [
      'a target with the URI, which cannot be another host',
      { redirect: { to: 'https://b', rest: ['$request_uri'], code: 301 } },
      '//evil.example/',
      { Host: 'h' },
      301,
      'https://b//evil.example/',
    ],
    [
      'a target whose first variable would extend the host',
      { redirect: { to: 'https://b', rest: ['$args'], code: 301 } },
      '/?.evil.example',
      { Host: 'h' },
      301,
      'https://b/.evil.example',
    ],
    [
      'a target with the decoded path',
      { redirect: { to: 'https://b', rest: ['/new', '$uri', '$is_args', '$args'], code: 301 } },
      '/%0d%0aSet-Cookie:%20a%3Fb%23%25?c=d',
      { Host: 'h' },
      301,
      'https://b/new/%0D%0ASet-Cookie:%20a%3Fb%23%25?c=d',
    ],
    [
      'a target with scheme and host of the request',
      { redirect: { to: '$scheme://$host:8443', rest: ['/a?to=', '$scheme', ':', '$host'], code: 307 } },
      '/x',
      { Host: 'h:81' },
      307,
      'http://h:8443/a?to=http:h',
    ],
    [
      'a target that leads to itself',
      { redirect: { to: '$scheme://$host', rest: ['$request_uri'], code: 301 } },
      '/x?y',
      { Host: 'h' },
      508,
    ],
    [
      'a relative path with the URI, which cannot be another host',
      { redirect: { to: '/', rest: ['$request_uri'], code: 303, relative: true } },
      '//evil.example/',
      { Host: 'h' },
      303,
      '/evil.example/',
    ],
    [
      'a rewrite to a URL',
      { rewrite: { pattern: '/pre/(.*)', target: ['https://b/', 1] }, backend: null, tlsRedirect: 'always' },
      '/pre/a?c=d&e="',
      { Host: 'h' },
      302,
      'https://b/a?c=d&e=%22',
    ],
    [
      'a rewrite to a URL, whose captures cannot change the host',
      { rewrite: { pattern: '/pre(.*)', target: ['https://b', 1] }, backend: null },
      '/pre.evil.example/%0d%0aX:%20y%3F%23%5c%C3%A4?',
      { Host: 'h' },
      302,
      'https://b/.evil.example/%0D%0AX:%20y%3F%23%5C%C3%A4',
    ],
    [
      'a rewrite to a URL with a port and a query',
      { rewrite: { pattern: '/pre/(.*)', target: ['http://b:81?x=', 1] }, backend: null },
      '/pre/a%26b?c',
      { Host: 'h' },
      302,
      'http://b:81/?x=a%26b&c',
    ],
    [
      'a rewrite that leads to itself',
      { rewrite: { pattern: '/(.*)', target: ['http://h/', 1] }, backend: null },
      '/a?b',
      { Host: 'h' },
      508,
    ],
    [
      'a rewrite to a URL whose pattern takes too long',
      { rewrite: { pattern: '/(a+)+$', target: ['http://b/', 1] }, backend: null },
      `/${'a'.repeat(60)}!`,
      { Host: 'h' },
      500,
    ],
    [
      'a target before a rewrite to a URL',
      { redirect: { to: '/new', code: 301 }, rewrite: { pattern: '/', target: ['http://b/'] }, backend: null },
      '/x',
      { Host: 'h' },
      301,
      'http://h/new',
    ],
    ['deny before a target', { redirect: { to: '/new', code: 302 }, deny: 503 }, '/', {}, 503],
    ['a host', { hostRedirect: 'b.c', backend: null }, '/x/?y=/', { Host: 'h:81' }, 308, 'http://b.c/x/?y=/'],
    [
      'a host of //x',
      { hostRedirect: 'b.c', backend: null },
      '//evil.example',
      { Host: 'h' },
      308,
      'http://b.c//evil.example',
    ],
    ['deny before a host', { hostRedirect: 'b.c', deny: 503 }, '/', {}, 503],
    ['slash', { slashRedirect: '/a' }, '/a?b=c', {}, 301, '/a/?b=c'],
    ['slash, no query', { slashRedirect: '/a' }, '/a', {}, 301, '/a/'],
    ['slash, other path', { slashRedirect: '/a' }, '/a/', {}, 200],
    ['slash, encoded', { slashRedirect: '/ä%' }, '/%C3%A4%25', {}, 301, '/%C3%A4%25/'],
    ['slash after another host', { slashRedirect: '/a' }, '//evil.example/../a', {}, 301, '/a/'],
  ];
  it.each(rows)('%s', async (_name, changes, path, headers, status, location) => {
    const answer = await ask(changes, path, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.location).toBe(location);
  });

  it('to HTTPS are not sent over HTTPS', async () => {
    expect((await ask({ tlsRedirect: 'always' }, '/', { tls: true, port: nginx.tlsPort })).status).toBe(200);
    const answer = await ask({ appRoot: '/start' }, '/', { tls: true, port: nginx.tlsPort, headers: { Host: 'h' } });
    expect(answer.headers.location).toBe('https://h/start');
  });

  it('follow the settings', async () => {
    await nginx.api.push({ 'g:settings': { httpsPort: 8443, redirectCode: 307, forwarded: false } });
    const answer = await ask({ tlsRedirect: 'always' }, '/a', { headers: { Host: '[::1]:8080' } });
    expect(answer).toMatchObject({ status: 307, headers: { location: 'https://[::1]:8443/a' } });
    const without = await ask({ tlsRedirect: 'always', redirectPort: 'never' }, '/a', { headers: { Host: 'h:80' } });
    expect(without.headers.location).toBe('https://h/a');
    await nginx.api.push({ 'g:settings': null });
    expect((await ask({ tlsRedirect: 'always' }, '/a', { headers: { Host: 'h' } })).status).toBe(308);
  });
});

describe('a request that is redirected inside NGINX', () => {
  it('reaches the backend of an error location with its own route', async () => {
    const options = { headers: { 'X-Answer': '503', 'X-Error-Route': ERROR_ID } };
    const answer = await ask({ backend: 'shop/web/80' }, '/intercept/a', options);
    expect(JSON.parse(answer.body) as Seen).toMatchObject({ url: '/intercept/a' });
    expect(answer.status).toBe(503);
  });

  it('reaches an error location after a refusal', async () => {
    const before = backend.count();
    const answer = await ask({ deny: 503 }, '/intercept/a', { headers: { 'X-Error-Route': ERROR_ID } });
    expect(JSON.parse(answer.body) as Seen).toMatchObject({ backend: 'one' });
    expect(backend.count()).toBe(before + 1);
  });

  it('keeps its route when a subrequest has another route', async () => {
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

describe('with a trusted proxy in front', () => {
  let behind: Fixture;

  beforeAll(async () => {
    behind = await startFixture({ workers: 1, init: 'forwarded = true' });
    await behind.api.push({
      'b:shop/web/80': endpoints(backend.port),
      [`r:${ID}`]: route('shop/web/80', { tlsRedirect: 'always' }),
    });
  });

  afterAll(() => behind?.stop());

  // Title, request headers besides Host and X-Trusted, and the resulting $tidegate_scheme, $tidegate_host and
  // $tidegate_port.
  const rows: readonly [string, Record<string, string>, string][] = [
    ['no headers', {}, 'http,h:81,80'],
    ['scheme', { 'X-Forwarded-Proto': 'https' }, 'https,h:81,443'],
    ['first of a list', { 'X-Forwarded-Proto': ' https , http' }, 'https,h:81,443'],
    ['unknown scheme', { 'X-Forwarded-Proto': 'ftp' }, 'http,h:81,80'],
    ['host and port', { 'X-Forwarded-Host': 'a.example.com', 'X-Forwarded-Port': '8443' }, 'http,a.example.com,8443'],
    ['invalid host', { 'X-Forwarded-Host': 'a/b', 'X-Forwarded-Port': 'x' }, 'http,h:81,80'],
  ];
  it.each(rows)('trusts forwarded headers only of that proxy: %s', async (_name, said, expected) => {
    const headers = { Host: 'h:81', ...said };
    const trusted = await behind.get('/', ID, { headers: { ...headers, 'X-Trusted': '1' } });
    expect(trusted.headers['x-forwarding']).toBe(expected);
    expect(trusted.status).toBe(expected.startsWith('https') ? 200 : 308);
    const other = await behind.get('/', ID, { headers: { ...headers, 'X-Trusted': '0' } });
    expect(other.headers['x-forwarding']).toBe('http,h:81,80');
    expect(other.status).toBe(308);
  });
});

it('makes unique ids of 32 hexadecimal digits', async () => {
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

it('distinguishes routes whose ids are in the same memory', async () => {
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
