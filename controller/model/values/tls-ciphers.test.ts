/** Whether OpenSSL accepts a list. OpenSSL must accept every list that our parsers accept. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverCiphers, tlsCiphers } from './tls-ciphers.ts';

function opensslTakes(list: string): boolean {
  // The colon keeps a list that begins with a hyphen from being interpreted as an option.
  const argument = list.startsWith('-') ? `:${list}` : list;
  return spawnSync('openssl', ['ciphers', '-s', '-tls1_2', argument]).status === 0;
}

const WORDS =
  'HIGH ALL DEFAULT AES128 AES AESGCM kRSA aRSA RSA ECDHE EECDH ECDSA DHE EDH SHA SHA1 SHA256 SHA384 TLSv1.2 SSLv3 ' +
  'aNULL eNULL PSK LOW RC4 FOO MD5 ECDHE-RSA-AES128-GCM-SHA256 AES256-SHA DHE-RSA-AES256-SHA ECDHE-ECDSA-AES128-SHA ' +
  'foo _';
const word = fc.constantFrom('', ...WORDS.split(' '));
const element = fc
  .tuple(fc.constantFrom('', '', '', '!', '-', '+', '!!'), fc.array(word, { minLength: 1, maxLength: 2 }))
  .map(([operator, words]) => operator + words.join('+'));

test('OpenSSL finds a cipher for every list that tlsCiphers accepts', () => {
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), (elements) => {
      const list = elements.join(':');
      if (tlsCiphers.parse(list).ok) expect(opensslTakes(list), list).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a protocol version in a list of ciphers selects the ciphers that this version introduced', () => {
  expect(tlsCiphers.parse('SSLv3+EECDH').ok).toBe(false);
  expect(opensslTakes('SSLv3+EECDH')).toBe(false);
  for (const list of ['SSLv3+EDH', 'TLSv1+EECDH']) {
    expect(tlsCiphers.parse(list).ok, list).toBe(true);
    expect(opensslTakes(list), list).toBe(true);
  }
});

test.each([
  'HIGH:!aNULL:!MD5',
  'DEFAULT',
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-DES-CBC3-SHA',
  'ECDHE+AESGCM:DHE+AESGCM',
  'ALL:-AES128:+RSA',
  'EECDH+AESGCM:EDH+AESGCM',
])('the list of ciphers %s is accepted', (list) => {
  expect(tlsCiphers.parse(list)).toEqual({ ok: true, value: list });
  expect(opensslTakes(list)).toBe(true);
});

const command = fc.constantFrom('@STRENGTH', '@SECLEVEL=0', '@SECLEVEL=3');

test('OpenSSL finds a cipher for every list that serverCiphers accepts for connections of clients', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: element }, command), { minLength: 1, maxLength: 4 }),
      (list) => {
        const parsed = serverCiphers.parse(list.join(' '));
        if (parsed.ok) expect(opensslTakes(parsed.value), parsed.value).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test.each([
  ['DEFAULT@SECLEVEL=0', 'DEFAULT:@SECLEVEL=0'],
  ['HIGH:@STRENGTH !aNULL', 'HIGH:@STRENGTH:!aNULL'],
  ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
])('the list of ciphers %s is accepted for connections of clients', (list, written) => {
  expect(serverCiphers.parse(list)).toEqual({ ok: true, value: written });
  expect(opensslTakes(written)).toBe(true);
});

test.each(['@SECLEVEL=1:DEFAULT', '@STRENGTH', 'HIGH:@SECLEVEL=4', 'TLS_AES_128_GCM_SHA256'])(
  'the list of ciphers %s is refused for connections of clients',
  (list) => {
    expect(serverCiphers.parse(list).ok).toBe(false);
  },
);
