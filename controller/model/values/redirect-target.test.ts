import { expect, test } from 'vitest';
import { redirectTarget, redirectUrl } from './redirect-target.ts';

test.each([
  'https://www.example.com',
  'http://192.0.2.10:8080/a?b=c&d=e,f',
  'https://example.com./x',
  'https://example.com:443?a',
  'http://127.0.0.1:8123/callback',
  'http://localhost:8123/callback',
  'https://10.0.0.7/',
  'http://[fd00::1]/',
  'http://[2001:db8::7]:8080/a?b=c',
  'http://[::1]:8123/callback',
])('%s is a redirect target', (raw) => {
  expect(redirectUrl.parse(raw)).toEqual({ ok: true, value: { to: raw } });
  expect(redirectTarget.parse(raw)).toEqual({ ok: true, value: { to: raw } });
});

test('the scheme of a redirect target is written in lower case', () => {
  expect(redirectUrl.parse('HTTPS://Example.com/A')).toEqual({ ok: true, value: { to: 'https://Example.com/A' } });
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
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0xA9.254.169.254/',
  'https://169.254.43518./',
  'https://0251.0376.0251.0376/',
  'https://169.254.169.254/',
  'https://169.254.169.254.:80/latest',
  'https://100.100.100.200/',
  'https://0.0.0.0/',
  'https://224.0.0.1/',
  'https://user@example.com/',
  'http://[fe80::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[fd00:ec2::254]:80/',
  'http://[fd00::1%eth0]/',
  'http://[fd00::1/',
  'http://[fd00::1]x/',
  'http://[10.0.0.7]/',
  'http://[]/',
  'http://fd00::1/',
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
])('%j is not a redirect target', (raw) => {
  expect(redirectUrl.parse(raw)).toMatchObject({ ok: false });
  expect(redirectTarget.parse(raw)).toMatchObject({ ok: false });
});

test('only permanent-redirect may lead to a path', () => {
  expect(redirectTarget.parse('/new?a=b')).toEqual({ ok: true, value: { to: '/new?a=b' } });
  expect(redirectUrl.parse('/new?a=b')).toMatchObject({ ok: false });
});

test.each([
  ['https://example.com$request_uri', 'https://example.com', ['$request_uri']],
  ['https://example.com:8443/new${uri}?$args', 'https://example.com:8443', ['/new', '$uri', '?', '$args']],
  ['https://$host', 'https://$host', ['/']],
  ['https://$HOST/a', 'https://$host', ['/a']],
  ['http://[fd00::1]:81$request_uri', 'http://[fd00::1]:81', ['$request_uri']],
  ['$scheme://${host}:81/$document_uri$is_args$query_string', '$scheme://$host:81', ['/', '$uri', '$is_args', '$args']],
  ['$scheme://example.com/a', '$scheme://example.com', ['/a']],
  ['/new$request_uri', '/new', ['$request_uri']],
  ['/$host/x', '/', ['$host', '/x']],
])('%s is a redirect target with variables', (raw, to, rest) => {
  expect(redirectTarget.parse(raw)).toEqual({ ok: true, value: { to, rest } });
  expect(redirectUrl.parse(raw).ok).toBe(!raw.startsWith('/'));
});

test.each([
  'https://example.com$1',
  'https://example.com/$http_cookie',
  'https://example.com/$remote_user',
  'https://example.com/${request_uri',
  'https://example.com/$',
  'https://$http_host/',
  'https://$arg_to/',
  'https://$hostname/',
  'https://$host.example.com/',
  'https://$host$request_uri:80@x/',
  'https://$host:99999/',
  'https://www.$host/',
  'https://www$args/',
  'https://example.com:$args/',
  '$scheme:/$host',
  '$http_x://example.com',
  '$request_uri',
  '//$host/',
  '/a b$uri',
  '/$uri%0d',
])('%s is refused, because it has a variable in the wrong place or a variable that is not allowed', (raw) => {
  expect(redirectTarget.parse(raw)).toMatchObject({ ok: false });
});
