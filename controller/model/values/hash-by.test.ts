import { expect, test } from 'vitest';
import { hashText } from './hash-by.ts';

test.each([
  ['$request_uri', ['$request_uri']],
  ['${request_uri}', ['$request_uri']],
  ['$host$uri', ['$host', '$uri']],
  ['${host}-x_$http_X_User', ['$host', '-x_', '$http_x_user']],
  ['a $host', ['a', '$host']],
  ['plain', ['plain']],
])('hash key %s consists of the pieces %j', (raw, pieces) => {
  expect(hashText.parse(raw)).toEqual({ ok: true, value: pieces });
});

test.each([
  ['$upstream_addr', '$upstream_addr, which is not allowed'],
  ['$http_', '$http_'],
  ['$request_uri}', '"}"'],
  ['{host}', '"{"'],
  ['$', '"$"'],
  ['${}', '"$"'],
  ['$1', '$1'],
  ['a;b', '";"'],
  ['$host$', '"$"'],
])('hash key %s is refused because of %s', (raw, reason) => {
  expect(hashText.parse(raw)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
});
