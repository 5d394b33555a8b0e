import { expect, test } from 'vitest';
import { pathWithCaptures, rewriteTarget } from './paths.ts';

test.each([
  ['/new/$2', ['/new/', 2]],
  ['https://example.com/a$1$2', ['https://example.com/a', 1, 2]],
  ['http://192.0.2.1:8080$1', ['http://192.0.2.1:8080', 1]],
  ['http://[fd00::1]:8080/a$1', ['http://[fd00::1]:8080/a', 1]],
  ['http://[fd00::1]$1', ['http://[fd00::1]', 1]],
  ['https://example.com', ['https://example.com']],
  ['ftp://example.com/', ['ftp://example.com/']],
])('%s is a rewrite target', (raw, value) => {
  expect(rewriteTarget.parse(raw)).toEqual({ ok: true, value });
});

test.each([
  'https://$1/',
  'https://www.$1/',
  'https://$1.example.com/',
  'https:///a',
  'https://exa..mple.com/',
  'https://example.com:99999/',
  'https://example.com/?a=$1',
  'https://user@example.com/',
  'http://[fe80::1]/',
  'http://[fd00::1]/[a]',
  'https://example.com/$host',
])('%s is not a rewrite target', (raw) => {
  expect(rewriteTarget.parse(raw)).toMatchObject({ ok: false });
});

test('a path may contain captures, but not a query', () => {
  expect(pathWithCaptures.parse('/a/$1')).toEqual({ ok: true, value: ['/a/', 1] });
  expect(pathWithCaptures.parse('/a?b')).toMatchObject({ ok: false });
});
