import { expect, test } from 'vitest';
import { withoutPasswords } from './without-passwords.ts';

test.each([
  ['http://alice:s3cret@auth.example.com/verify', 'http://[redacted]@auth.example.com/verify'],
  ['https://s3cret@auth.example.com', 'https://[redacted]@auth.example.com'],
  ['names "https://a:s3cret@x", and redis://:s3cret@y/0', 'names "https://[redacted]@x", and redis://[redacted]@y/0'],
  ['//alice:p@s3cret@host', '//[redacted]@host'],
  ['https://alice:s3/cr?et#@host/a', 'https://[redacted]@host/a'],
  ['"https://alice:s3\\"cret@host/"', '"https://[redacted]@host/"'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown);
});

test.each([
  'https://shop.example.com/cart?from=alice@example.com',
  'https://shop.example.com:8443/@alice',
  'http://[2001:db8::7]:80/@alice',
  'mail alice@example.com',
  'no route for /a//b, and c@d',
])('%s has no password and stays as it is', (text) => {
  expect(withoutPasswords(text)).toBe(text);
});

// If the time grew with the square of the length, this would take longer than a test may.
test('a long text takes a time in proportion to its length', () => {
  for (const piece of ['//a:b', '//', '//a', '//a:b?'])
    expect(withoutPasswords(`@ ${piece.repeat(2_000_000 / piece.length)}`)).toContain('//');
});
