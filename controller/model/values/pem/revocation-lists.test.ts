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
  ['with a text before it', `Certificate Revocation List\n${list}`],
  ['with a certificate behind it', `${list}${cert}`],
])('a list %s is normalised to the form that openssl writes', (_, text) => {
  expect(revocationLists(text, cert)).toBe(list);
});

test('if a text contains several lists, all of them are kept', () => {
  expect(revocationLists(`${list}\n${list}`, cert)).toBe(`${list}${list}`);
});

test.each([
  ['nothing', ''],
  ['a certificate', cert],
  ['a sequence of something else', '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n'],
  ['a list that is cut short', list.replace(/\n.+\n-----END/, '\n-----END')],
  ['a good list and a bad one', `${list}-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n`],
])('%s is refused', (_, text) => {
  expect(revocationLists(text, cert)).toBeUndefined();
});
