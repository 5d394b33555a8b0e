import { expect, test } from 'vitest';
import { signInUrl } from './auth-url.ts';
import { redirectUrl } from './redirect-target.ts';

test.each([
  'https://login.example.com/start?rd=$escaped_request_uri',
  'https://$host/start',
  '$scheme://${http_host}/start',
  '$pass_access_scheme://$best_http_host',
  'https://login.$host/start',
  'https://a.b-1.$host:8443/start',
  'http://[fd00::1]:4180/start?rd=$request_uri',
  'http://127.0.0.1:4180/callback',
  '/login',
])('%s is a URL to sign in', (raw) => {
  expect(signInUrl.parse(raw)).toMatchObject({ ok: true });
});

test('the parts of a URL with an address in brackets stay in order', () => {
  expect(signInUrl.parse('http://[fd00::1]:4180/start?rd=$host')).toMatchObject({
    value: { pieces: ['http://[fd00::1]:4180/start?rd=', '$host'] },
  });
});

/** Together with what follows or precedes it, the variable might be an address, or another host. */
test.each([
  'http://169.254.169.254$host',
  'http://$http_host.169.254.169.254/',
  'http://169.254.169.$host/',
  'http://1$host/',
  'http://login$host/',
  'http://$host$host/',
  'http://${host}x/',
  'http://-.$host/',
  'http://$host:99999/',
  'http://$host:$http_host/',
  'http://$host.example.com/',
  'http://$request_uri/',
  'http://$host@169.254.169.254/',
])('%s has a host in which a variable touches other text', (raw) => {
  expect(signInUrl.parse(raw)).toMatchObject({ ok: false });
  expect(redirectUrl.parse(raw)).toMatchObject({ ok: false });
});

/** Clients are sent to the same literal hosts by all annotations. */
test.each([
  'http://169.254.169.254/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://[fe80::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://a..example.com/',
  'http://-a.example.com/',
  'http://user@example.com/',
  'http://example.com:70000/',
  'http://',
  'http:///x',
  '//example.com',
  '/[x]',
])('%s is neither a target to sign in nor of a redirect', (raw) => {
  expect(signInUrl.parse(raw)).toMatchObject({ ok: false });
  expect(redirectUrl.parse(raw)).toMatchObject({ ok: false });
});
