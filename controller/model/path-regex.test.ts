import { expect, test } from 'vitest';
import { checkPathRegex, checkRegex } from './path-regex.ts';

test.each([
  '/id/[0-9]+$',
  '/id/[0-9]+/edit',
  '/(.*)\\.php$',
  '/(.*)\\.(css|js|png|jpg|jpeg|gif|ico|svg|woff2?)$',
  '/a/(.*)/b/(.*)',
  '/api/v[0-9]+(/|$)(.*)',
  '/([^/]+)/?$',
  '/x/([^/]*)/y/(.*)$',
])('a path %s is taken as it is', (text) => {
  expect(checkPathRegex(text)).toEqual({ ok: true, pattern: text });
});

test.each(['/slow/(a+)+$', '/(a|a)*$', '/a.*b.*c.*d.*e$', '/(.*a){20}$', '/[a-z]+[a-z0-9]*$', '/a|[0-9]+x'])(
  'a path %s is refused',
  (text) => {
    expect(checkPathRegex(text)).toMatchObject({ ok: false });
  },
);

test('names of groups go', () => {
  expect(checkPathRegex('/(?<id>[0-9]+)/(?P<name>.*)')).toEqual({ ok: true, pattern: '/([0-9]+)/(.*)' });
});

test('what is no regular expression is told with the character, counted from the text that was written', () => {
  for (const check of [checkPathRegex, checkRegex])
    expect(check('/broken/(x')).toEqual({ ok: false, reason: 'is not a regular expression (see character 10)' });
});

test('an alias is searched for anywhere, so that it needs an anchor of its own', () => {
  expect(checkRegex('[0-9]+x')).toMatchObject({ ok: false });
  expect(checkRegex('^[0-9]+x')).toMatchObject({ ok: true });
});
