import { expect, test } from 'vitest';
import { toBytes } from './bytes.ts';
import { askedHost, hostName } from './host-header.ts';
import { normalizedPath, readTarget } from './target.ts';

// Expected values are those of $uri in NGINX 1.22.
test.each([
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['//a///b/', '/a/b/'],
  ['/a/./b/.', '/a/b/'],
  ['/a/b/../c', '/a/c'],
  ['/a/b/..', '/a/'],
  ['/a/%2e%2e/b', '/b'],
  ['/a%2Fb', '/a/b'],
  ['/a%2F..%2Fb', '/b'],
  ['/a%3Fb%23c%25d', '/a?b#c%d'],
  ['/.hidden/..a/...', '/.hidden/..a/...'],
  ['/..', undefined],
  ['/a/../../b', undefined],
  ['/%00', undefined],
  ['/%4', undefined],
  ['/%zz', undefined],
])('the path %s is %s for NGINX', (written, path) => {
  expect(normalizedPath(written)).toBe(path);
});

test('a target is split into path, query and the host of an absolute URL', () => {
  expect(readTarget('/a//b?c=%20d#e')).toEqual({
    written: '/a//b?c=%20d#e',
    path: '/a/b',
    args: 'c=%20d',
    host: undefined,
  });
  expect(readTarget('/a#b?c')).toMatchObject({ path: '/a', args: undefined });
  expect(readTarget('/a?')).toMatchObject({ path: '/a', args: '' });
  expect(readTarget('http://Shop.example.com:80/x?y')).toEqual({
    written: '/x?y',
    path: '/x',
    args: 'y',
    host: 'Shop.example.com:80',
  });
  expect(readTarget('http://shop.example.com')).toMatchObject({ written: '', path: '/' });
  for (const bad of ['*', 'a', '', '/a b', '/a\n']) expect(readTarget(bad)).toBeUndefined();
});

test('the time to read a long path is proportional to its length', () => {
  const long = `${'/a/..'.repeat(200_000)}/b`;
  const from = performance.now();
  expect(normalizedPath(long)).toBe('/b');
  expect(performance.now() - from).toBeLessThan(5000);
});

test('the name of a host is read without its port and final dot, and an invalid one is refused', () => {
  expect(hostName('Shop.Example.com.:8080')).toBe('shop.example.com');
  expect(hostName('[::1]:80')).toBe('[::1]');
  for (const bad of ['', 'a..b', 'a/b', 'a b', '[::1', ':80', '.']) expect(hostName(bad)).toBeUndefined();
});

test('redirects contain the Host header only if it names the host that NGINX uses', () => {
  expect(askedHost('a.example', 'A.example:8080')).toBe('A.example:8080');
  expect(askedHost('a.example', 'a.example.:80')).toBe('a.example.:80');
  expect(askedHost('a.example', 'b.example')).toBe('a.example');
  expect(askedHost('a.example', 'a.example.com')).toBe('a.example');
  expect(askedHost('_', undefined)).toBe('_');
  expect(hostName(toBytes('ü.example'))).toBe(toBytes('ü.example'));
});
