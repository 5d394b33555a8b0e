import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { makeJar } from './jar.ts';
import { runVariant } from './run.ts';
import { readScenario } from './scenario.ts';

const shop = { host: 'shop.example.test:8080', path: '/cart/add?item=1', secure: false };

function after(...setCookies: string[]): ReturnType<typeof makeJar> {
  const jar = makeJar();
  jar.store(shop, setCookies);
  return jar;
}

it('the jar sends a cookie only to its host and below its path', () => {
  const jar = after('a=1; Path=/', 'b=2');
  expect(jar.cookiesFor(shop)).toBe('b=2; a=1');
  expect(jar.cookiesFor({ ...shop, path: '/carts' })).toBe('a=1');
  expect(jar.cookiesFor({ ...shop, host: 'www.shop.example.test' })).toBeUndefined();
});

it('the jar sends a cookie with a domain to every host of that domain, and rejects a foreign domain', () => {
  const jar = after('a=1; Domain=.Example.test; Path=/', 'b=2; Domain=other.test; Path=/');
  expect(jar.cookiesFor({ ...shop, host: 'www.example.test' })).toBe('a=1');
  expect(jar.cookiesFor({ ...shop, host: 'notexample.test' })).toBeUndefined();
  expect(jar.cookiesFor({ ...shop, host: 'other.test' })).toBeUndefined();
});

it('the jar sends a Secure cookie only over TLS', () => {
  const jar = after('a=1; Path=/; Secure; HttpOnly');
  expect(jar.cookiesFor(shop)).toBeUndefined();
  expect(jar.cookiesFor({ ...shop, secure: true })).toBe('a=1');
});

it('the jar replaces a cookie of the same name, and removes a cookie that has expired', () => {
  const jar = after('a=1; Path=/', 'b=1; Path=/; Max-Age=100', 'c=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT');
  jar.store(shop, ['a=2; Path=/']);
  expect(jar.cookiesFor(shop)).toBe('a=2; b=1');
  jar.store(shop, ['b=; Path=/; Max-Age=0']);
  expect(jar.cookiesFor(shop)).toBe('a=2');
});

const scenario = readScenario({
  name: 'jar',
  about: 'requests that share cookies',
  jar: true,
  requests: [
    { expect: { status: 200, body: 'none' } },
    { headers: { cookie: 'own=1' }, expect: { status: 200, body: 'own=1; visit=1' } },
    { jar: false, expect: { status: 200, body: 'none' } },
    { expect: { status: 200, body: 'visit=2' } },
  ],
  control: {},
});

it('a scenario with `jar` sends received cookies with later requests, except those with `jar: false`', async () => {
  let visits = 0;
  const server = createServer((request, response) => {
    visits += 1;
    response.setHeader('Set-Cookie', [`visit=${visits}`, 'broken']).end(request.headers.cookie ?? 'none');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const ports = { httpPort: port, httpsPort: port };
    const variant = { requests: scenario.requests, endpoints: new Map(), jar: true };
    expect(await runVariant(variant, ports, 'all')).toEqual([]);
    visits = 0;
    expect(await runVariant({ ...variant, jar: false }, ports, 'all')).toEqual([
      'GET http://HOST/: body: expected "own=1; visit=1", got "own=1"',
      'GET http://HOST/: body: expected "visit=2", got "none"',
    ]);
  } finally {
    server.close();
  }
});
