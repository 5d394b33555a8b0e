import { expect, test } from 'vitest';
import { refusedValue } from './refused-value.ts';

test.each([
  ['is neither true nor false', '"true" or "false"', 'size must be "true" or "false"'],
  ['is not one of on, off', 'one of on, off', 'size must be one of on, off'],
  ['is outside 1 to 9', 'a whole number, 1 to 9', 'size must be a whole number, 1 to 9'],
  ['is not a MIME type', 'MIME types with blanks between them', 'size must be MIME types with blanks between them'],
  ['is not an address', 'IP addresses', 'size must be IP addresses'],
  ['is not a size', 'bytes with k, m or g', 'size is not a size; accepted: bytes with k, m or g'],
  ['is empty', 'one of on, off', 'size is empty; accepted: one of on, off'],
  ['contains "a", which is not one of on, off', 'on, off', 'size contains "a"; accepted: on, off'],
  [
    'contains "a", which is not a name, and "b\\"c", which has no value',
    'names and values',
    'size contains "a", and "b\\"c", which has no value; accepted: names and values',
  ],
])('the message about a value that %s, if the accepted values are: %s', (reason, accepts, text) => {
  expect(refusedValue('size', reason, accepts)).toBe(text);
});

test('the message states the outcome before "accepted: ...", or after "must be ..."', () => {
  expect(refusedValue('size', 'is empty', 'a number', '; 8 is used')).toBe(
    'size is empty; 8 is used; accepted: a number',
  );
  expect(refusedValue('size', 'is not a number', 'a number', '; 8 is used')).toBe('size must be a number; 8 is used');
});
