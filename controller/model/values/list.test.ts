import { expect, test } from 'vitest';
import { FEATURES } from '../features/annotations.ts';
import { SETTING_KEYS } from '../settings/settings.ts';
import { networks } from './cidrs.ts';
import { itemThat, listOf } from './list.ts';

const form = {
  accepts: 'small letters',
  item: itemThat((text) => /^[a-z]$/.test(text), 'is not a small letter'),
  value: (items: readonly string[]) => items,
};

test('empty items of a list are ignored, invalid items are dropped, and the other items apply', () => {
  const letters = listOf(form);
  expect(letters.parse(' a ,, b ,')).toEqual({ ok: true, value: ['a', 'b'] });
  expect(letters.parse('a,B,b,"')).toEqual({
    ok: true,
    value: ['a', 'b'],
    dropped: 'contains "B", which is not a small letter, and "\\"", which is not a small letter',
  });
  expect(letters.parse('B')).toEqual({ ok: false, reason: 'contains "B", which is not a small letter' });
  expect(letters.parse(' , ,')).toEqual({ ok: false, reason: 'contains no item' });
});

test('a list that applies only as a whole is rejected if an item is invalid, but not if an item is empty', () => {
  const letters = listOf({ ...form, whole: true });
  expect(letters.parse('a,b,')).toEqual({ ok: true, value: ['a', 'b'] });
  expect(letters.parse('a,B')).toEqual({ ok: false, reason: 'contains "B", which is not a small letter' });
});

test('a message shows only the allowed part of an item', () => {
  const parsed = listOf({ ...form, shown: (text) => text.slice(0, 1) }).parse('a,Basic c2VjcmV0');
  expect(parsed).toMatchObject({ dropped: 'contains "B", which is not a small letter' });
});

/** Key, valid items, separator, an invalid item, and what happens to the valid items if the invalid one is added. */
const ANNOTATIONS = [
  ['server-alias', 'www.example.com,shop.example.com', ',', 'exa mple', 'kept'],
  ['allowlist-source-range', '10.0.0.0/8,192.0.2.1', ',', 'office', 'kept'],
  ['denylist-source-range', '10.0.0.0/8,192.0.2.1', ',', 'office', 'refused'],
  ['limit-allowlist', '10.0.0.0/8,192.0.2.1', ',', 'office', 'kept'],
  ['auth-response-headers', 'X-User,X-Mail', ',', 'X User', 'refused'],
  ['auth-cache-duration', '200 5m,401 1m', ',', '403 soon', 'refused'],
  ['custom-http-errors', '404,503', ',', '302', 'kept'],
  ['cors-allow-origin', 'https://a.example,https://b.example', ',', 'b.example', 'kept'],
  ['cors-allow-methods', 'GET, POST', ',', 'P T', 'kept'],
  ['cors-allow-headers', 'X-A, X-B', ',', 'X C', 'kept'],
  ['cors-expose-headers', 'X-A, X-B', ',', 'X C', 'kept'],
  ['request-remove-headers', 'X-A,X-B', ',', 'Host', 'kept'],
  ['response-remove-headers', 'X-A,X-B', ',', 'Content-Length', 'kept'],
  ['request-set-headers', 'X-A: b\nX-B: c', '\n', 'Host: a', 'kept'],
  ['proxy-next-upstream', 'error timeout', ' ', 'http_505', 'kept'],
  ['proxy-ssl-protocols', 'TLSv1.2 TLSv1.3', ' ', 'SSLv2', 'kept'],
] as const;

const SETTINGS = [
  ['whitelist-source-range', '10.0.0.0/8,192.0.2.1', ',', 'office'],
  ['denylist-source-range', '10.0.0.0/8,192.0.2.1', ',', 'office'],
  ['block-cidrs', '10.0.0.0/8,192.0.2.1', ',', 'office'],
  ['block-user-agents', 'bad,worse', ',', '~(a+)+$'],
  ['block-referers', 'bad,worse', ',', '~(a+)+$'],
  ['nginx-status-ipv4-whitelist', '10.0.0.0/8,192.0.2.1', ',', 'office'],
  ['proxy-real-ip-cidr', '10.0.0.0/8,192.0.2.1', ',', 'office'],
  ['Resolver', '10.0.0.1,192.0.2.1', ',', 'dns'],
  ['no-auth-locations', '/a,/b', ',', 'c'],
  ['no-tls-redirect-locations', '/a,/b', ',', 'c'],
  ['global-auth-response-headers', 'X-User,X-Mail', ',', 'X User'],
  ['custom-http-errors', '404,503', ',', '200'],
  ['hide-headers', 'X-A,X-B', ',', 'Content-Length'],
  ['skip-access-log-urls', '/a,/b', ',', 'c'],
  ['bind-address', '127.0.0.1,::1', ',', 'localhost'],
  ['gzip-types', 'text/css text/plain', ' ', 'css'],
  ['ssl-protocols', 'TLSv1.2 TLSv1.3', ' ', 'SSLv2'],
  ['ssl-ecdh-curve', 'X25519:P-256', ':', 'sect571r1'],
  ['lua-shared-dicts', 'a: 1M,b: 2M', ',', 'c'],
] as const;

const PARSERS = new Map([
  ...FEATURES.flatMap(({ keys }) => Object.entries(keys)).map(
    ([name, { parser }]) => [`annotation ${name}`, parser] as const,
  ),
  ...[...SETTING_KEYS].map(([name, { parser }]) => [`setting ${name}`, parser] as const),
]);

test.each([
  ...ANNOTATIONS.map(([name, ...rest]) => [`annotation ${name}`, ...rest] as const),
  ...SETTINGS.map(([name, ...rest]) => [`setting ${name}`, ...rest, 'kept'] as const),
])('%s: an empty item is ignored, and an invalid item is named in the message', (name, good, separator, bad, what) => {
  const parser = PARSERS.get(name);
  const plain = parser?.parse(good);
  expect(plain).toMatchObject({ ok: true });
  expect(parser?.parse(`${good}${separator}`)).toEqual(plain);
  const parsed = parser?.parse(`${good}${separator}${bad}`);
  const reason = expect.stringContaining(`contains "${bad.replace(/:.*/, '')}`) as string;
  expect(parsed).toEqual(what === 'kept' ? { ...plain, dropped: reason } : { ok: false, reason });
});

test('a message quotes the first invalid items, and states how many more there are', () => {
  const parsed = networks.parse(`10.0.0.1,${Array.from({ length: 5000 }, (_, at) => `bad${at}`).join()}`);
  expect(parsed).toMatchObject({ ok: true, value: ['10.0.0.1'] });
  const { dropped = '' } = parsed as { dropped?: string };
  expect(dropped).toContain('"bad4", which is not an IP address or a CIDR, and 4995 more invalid ones');
  expect(dropped.length).toBeLessThan(400);
});
