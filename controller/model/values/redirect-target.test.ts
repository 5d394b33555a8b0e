import { expect, test } from 'vitest';
import { redirectTarget, redirectUrl } from './redirect-target.ts';

test.each([
  'https://www.example.com',
  'http://192.0.2.10:8080/a?b=c&d=e,f',
  'https://example.com./x',
  'https://example.com:443?a',
])('%s is a target', (raw) => {
  expect(redirectUrl.parse(raw)).toEqual({ ok: true, value: raw });
  expect(redirectTarget.parse(raw)).toEqual({ ok: true, value: raw });
});

test('the scheme is written in lower case', () => {
  expect(redirectUrl.parse('HTTPS://Example.com/A')).toEqual({ ok: true, value: 'https://Example.com/A' });
});

test.each([
  'https://',
  'https:///path',
  'https://?a',
  'https://-a.example.com/',
  'https://a..example.com/',
  'https://example.com:0x50/',
  'https://example.com:70000/',
  'https://example.com:80:80/',
  'https://192.0.2/',
  'https://192.0.2.300/',
  'https://user@example.com/',
  'https://example.com/a b',
  'https://example.com/\r\nSet-Cookie:a=b',
  'https://example.com/\n',
  'https://example.com/"',
  'https://example.com/{x}',
  'https://example.com/%0d',
  'https://example.com\\@other.example/',
  'unix:/run/tidegate/api/live.sock',
  'http://unix:/run/tidegate/api/live.sock',
  'javascript:alert',
  'example.com/x',
  '//example.com',
  '',
])('%j is none', (raw) => {
  expect(redirectUrl.parse(raw)).toMatchObject({ ok: false });
  expect(redirectTarget.parse(raw)).toMatchObject({ ok: false });
});

test('a path is a target of permanent-redirect only', () => {
  expect(redirectTarget.parse('/new?a=b')).toEqual({ ok: true, value: '/new?a=b' });
  expect(redirectUrl.parse('/new?a=b')).toMatchObject({ ok: false });
});

test('what looks like a variable of nginx is told so', () => {
  for (const raw of ['https://example.com$request_uri', '/$uri', 'https://$host/'])
    expect(redirectTarget.parse(raw)).toEqual({ ok: false, reason: 'holds a $: variables of nginx are not expanded' });
});
