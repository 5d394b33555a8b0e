import { expect, test } from 'vitest';
import { comment, ConfComment } from './conf-comment.ts';

test('names of objects and plain paths are written unchanged in a comment of nginx.conf', () => {
  expect(comment`${'shop/web'}: ${'/api'} -> ${'shop/api:8080'}`.text).toBe('# shop/web: /api -> shop/api:8080');
});

test.each([
  ['a line break', '/a\n} server { listen 1;', '/a%0A%7D%20server%20%7B%20listen%201%3B'],
  ['a carriage return and a NUL', 'a\r\u0000', 'a%0D%00'],
  ['the marker of the template engine', 'a\u0001b', 'a%01b'],
  ['non-ASCII characters and a lone surrogate', 'ä€\ud800', '%C3%A4%E2%82%AC%EF%BF%BD'],
  ['a percent sign', '%0A', '%250A'],
])('%s in a comment of nginx.conf is percent-encoded', (_, text, written) => {
  expect(comment`${text}`.text).toBe(`# ${written}`);
});

test('a long string in a comment is truncated, but never in the middle of a character', () => {
  expect(comment`${'/'.repeat(500)}`.text).toBe(`# ${'/'.repeat(80)}...`);
  expect(comment`${`${'a'.repeat(79)}ä`}`.text).toBe(`# ${'a'.repeat(79)}...`);
});

test('a comment of nginx.conf can only be created with the template tag comment', () => {
  expect(ConfComment.is({ text: '# a' })).toBe(false);
  expect(() => new ConfComment('# a', Symbol('conf-comment'))).toThrow(TypeError);
  expect(() => comment(Object.assign(['a\nb'], { raw: ['a\nb'] }))).toThrow(TypeError);
});
