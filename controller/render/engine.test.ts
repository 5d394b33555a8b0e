import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { integer, literal, namedLocation, noVariables, word } from '../types/conf-value.ts';
import { compile, Fragment } from './engine.ts';
import { verify } from './verify.ts';

test('writes values in their own way, and an outline with placeholders', () => {
  const rendered = compile('location {{path}} { return {{code}}; }')({ path: literal('/a"b\\c'), code: integer(503) });
  expect(rendered.text).toBe('location "/a\\"b\\\\c" { return 503; }');
  expect(rendered.outline).toBe('location VALUE_0_VALUE { return VALUE_1_VALUE; }');
  expect(verify(rendered)).toBeUndefined();
});

test('a raw string is thrown out, in a block and in a list too', () => {
  expect(() => compile('{{x}}')({ x: 'a' })).toThrow(/no ConfValue/);
  expect(() => compile('{{#each xs}}{{this}}{{/each}}')({ xs: ['a'] })).toThrow(/no ConfValue/);
  expect(() => compile('{{#if x}}{{x}}{{/if}}')({ x: { conf: 'a', meaning: 'a' } })).toThrow(/no ConfValue/);
});

test.each(['{{{x}}}', '{{&x}}', '{{> x}}'])('%s is refused', (source) => {
  expect(() => compile(source)).toThrow(SyntaxError);
});

test('unknown names and helpers are refused', () => {
  expect(() => compile('{{x}}')({})).toThrow();
  expect(() => compile('{{shout x}}')({ x: word('a') })).toThrow();
});

test('other users of Handlebars keep their escape function', () => {
  compile('{{x}}')({ x: word('a') });
  expect(Handlebars.compile('{{x}}')({ x: '<' })).toBe('&lt;');
});

test('a dollar stays a dollar where nginx expands variables', () => {
  expect(noVariables('a$host').conf).toBe('"a${literal_dollar}host"');
});

test('the name of a location is letters and _ behind an @', () => {
  expect(namedLocation('tidegate_errors').conf).toBe('@tidegate_errors');
  for (const text of ['', 'a b', '@a', 'a;b', '/a', 'a{', '$a', 'A']) expect(() => namedLocation(text)).toThrow();
});

test.each(['a\nb', 'a\u0000', 'a\r', '\u007f'])('control characters are refused: %j', (text) => {
  expect(() => literal(text)).toThrow(TypeError);
});

test.each([
  ['a directive more', 'a x; b y;', 'a VALUE_0_VALUE;'],
  ['a word more', 'a x y;', 'a VALUE_0_VALUE;'],
  ['another meaning', 'a z;', 'a VALUE_0_VALUE;'],
  ['a block', 'a x { }', 'a VALUE_0_VALUE;'],
  ['a comment that swallows', 'a #x;\n;', 'a VALUE_0_VALUE;'],
  ['a directive less', '', 'a VALUE_0_VALUE;'],
])('verify finds %s', (_, text, outline) => {
  expect(verify({ text, outline, values: [word('x')] })).toEqual(expect.any(String));
});

test('a fragment goes in as it is, and is left out of the outline', () => {
  expect(compile('a; {{inner}}')({ inner: new Fragment('b;') })).toMatchObject({ text: 'a; b;', outline: 'a; ' });
});
