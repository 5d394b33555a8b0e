import { expect, test } from 'vitest';
import { agoText, clockText, countText, durationText, expiryText, msText, numberText, percentText } from './format.ts';

test.each([
  [0, '0'],
  [0.254, '0.25'],
  [12.34, '12.3'],
  [1234.5, '1,235'],
])('the number %d is written %s', (value, text) => expect(numberText(value)).toBe(text));

test.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.025, '2.5 %'],
  [1 / 3, '33 %'],
  [1, '100 %'],
])('the share %d is written %s', (share, text) => expect(percentText(share)).toBe(text));

test.each([
  [0.44, '0.4 ms'],
  [12.6, '13 ms'],
  [1500, '1.5 s'],
])('%d milliseconds are written %s', (ms, text) => expect(msText(ms)).toBe(text));

test.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [200, '3 m 20 s'],
  [3600, '1 h'],
  [187_300, '2 d 4 h'],
  [-5, '0 s'],
])('%d seconds are written %s', (seconds, text) => expect(durationText(seconds)).toBe(text));

test('a time is as long ago as the clock of the browser says, and never in the future', () => {
  const now = Date.parse('2026-01-01T00:01:00Z');
  expect(agoText('2026-01-01T00:00:00Z', now)).toBe('1 m ago');
  expect(agoText('2026-01-01T00:02:00Z', now)).toBe('just now');
  expect(clockText('2026-01-01T00:00:00Z')).toMatch(/^\d\d:\d\d:\d\d$/);
});

test('counts and expiry have the right number', () => {
  expect([countText(1, 'path'), countText(0, 'path'), countText(2, 'Ingress', 'Ingresses')]).toEqual([
    '1 path',
    '0 paths',
    '2 Ingresses',
  ]);
  expect([12, 1, 0, -3].map(expiryText)).toEqual([
    'expires in 12 days',
    'expires in 1 day',
    'expires within a day',
    'expired 3 days ago',
  ]);
});
