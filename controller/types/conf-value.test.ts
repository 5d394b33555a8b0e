import { expect, test } from 'vitest';
import { beginning, literal, noVariables, withVariables, word } from './conf-value.ts';

test.each([
  ['text in quotes', literal, 'x', 4093],
  ['text with quotes, which take two bytes', literal, '"', 2046],
  ['letters of three bytes', literal, '語', 1364],
  ['literal dollars, each written as a variable', noVariables, '$', 240],
  ['a format', withVariables, 'x', 4093],
  ['a bare word', word, 'x', 4095],
])('a value that exceeds the limit of nginx for one word is rejected: %s', (_, make, character, most) => {
  expect(Buffer.byteLength(make(character.repeat(most)).conf)).toBeLessThanOrEqual(4095);
  expect(() => make(character.repeat(most + 1))).toThrow('too long for one word of nginx.conf');
});

test('beginning() truncates a string that would be too long in nginx.conf', () => {
  expect(beginning('$'.repeat(2000)).meaning).toMatch(/^\$\{literal_dollar\}(\$\{literal_dollar\}){200,}$/);
  expect(beginning('/a$b').meaning).toBe(noVariables('/a$b').meaning);
});
