import { expect, test } from 'vitest';
import { makeMaterials } from '../../../golden/values/contents.ts';
import { revocationLists } from './revocation-lists.ts';

const {
  pairs: [{ cert } = { cert: '' }],
  lists: [list = ''],
} = makeMaterials();

test.each([
  ['as written by openssl', list],
  ['with the line ends of Windows', list.replaceAll('\n', '\r\n')],
  ['in one line', list.replace(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, '')],
  ['without a line feed at its end', list.trim()],
  ['with a string before it', `Certificate Revocation List\n${list}`],
  ['with a certificate after it', `${list}${cert}`],
])('a revocation list %s is normalised to the form that openssl writes', (_, text) => {
  expect(revocationLists(text, cert)).toBe(list);
});

test('if a string contains several revocation lists, the result contains all of them', () => {
  expect(revocationLists(`${list}\n${list}`, cert)).toBe(`${list}${list}`);
});

test.each([
  ['an empty string', ''],
  ['a certificate', cert],
  ['a PEM block that contains another ASN.1 sequence', '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n'],
  ['a truncated revocation list', list.replace(/\n.+\n-----END/, '\n-----END')],
  [
    'a valid revocation list followed by an invalid one',
    `${list}-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n`,
  ],
])('%s is refused as a revocation list', (_, text) => {
  expect(revocationLists(text, cert)).toBeUndefined();
});
