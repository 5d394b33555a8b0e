import { expect, test } from 'vitest';
import { withoutExcess } from './without-excess.ts';

test('an entry that is too long is replaced by as many characters, and its neighbours stay', () => {
  const data = { 'tls.crt': 'A'.repeat(101), 'tls.key': 'B'.repeat(100) };
  expect(withoutExcess(data, 100)).toEqual({ 'tls.crt': '.'.repeat(101), 'tls.key': 'B'.repeat(100) });
});

test('the same object is returned if nothing is too long', () => {
  const data = { auth: 'A'.repeat(100) };
  expect(withoutExcess(data, 100)).toBe(data);
});
