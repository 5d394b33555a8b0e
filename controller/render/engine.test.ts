import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { comment } from '../types/conf-comment.ts';
import { integer, literal, named, namedLocation, noVariables, size, syslogServer, word } from '../types/conf-value.ts';
import { compile, compileList, Fragment } from './engine.ts';
import { verify } from './verify.ts';

test('the text of a rendered template contains the values, and its outline contains placeholders', () => {
  const rendered = compile('location {{path}} { return {{code}}; }')({ path: literal('/a"b\\c'), code: integer(503) });
  expect(rendered.text).toBe('location "/a\\"b\\\\c" { return 503; }');
  expect(rendered.outline).toBe('location VALUE_0_VALUE { return VALUE_1_VALUE; }');
  expect(verify(rendered)).toBeUndefined();
});

test('a raw string as a value is rejected, even in a block and in a list', () => {
  expect(() => compile('{{x}}')({ x: 'a' })).toThrow(/not a ConfValue/);
  expect(() => compile('{{#each xs}}{{this}}{{/each}}')({ xs: ['a'] })).toThrow(/not a ConfValue/);
  expect(() => compile('{{#if x}}{{x}}{{/if}}')({ x: { conf: 'a', meaning: 'a' } })).toThrow(/not a ConfValue/);
});

test.each(['{{{x}}}', '{{&x}}', '{{> x}}'])('a template that contains %s is refused', (source) => {
  expect(() => compile(source)).toThrow(SyntaxError);
});

test('unknown names and helpers in a template are rejected', () => {
  expect(() => compile('{{x}}')({})).toThrow();
  expect(() => compile('{{shout x}}')({ x: word('a') })).toThrow();
});

test('the engine does not change the escape function of other users of Handlebars', () => {
  compile('{{x}}')({ x: word('a') });
  expect(Handlebars.compile('{{x}}')({ x: '<' })).toBe('&lt;');
});

test('noVariables() writes a dollar so that nginx does not expand a variable', () => {
  expect(noVariables('a$host').conf).toBe('"a${literal_dollar}host"');
});

test('the name of a named location consists of an @, letters and _', () => {
  expect(namedLocation('tidegate_errors').conf).toBe('@tidegate_errors');
  for (const text of ['', 'a b', '@a', 'a;b', '/a', 'a{', '$a', 'A']) expect(() => namedLocation(text)).toThrow();
});

test('a named parameter is one word without quotes', () => {
  expect(named('buffer', size('32k')).conf).toBe('buffer=32k');
  for (const [name, value] of [
    ['a b', word('a')],
    ['a;', word('a')],
    ['a=b', word('a')],
    ['a', literal('b')],
  ] as const)
    expect(() => named(name, value)).toThrow(TypeError);
});

test('a syslog server consists of an address, a port, and options of letters and digits', () => {
  expect(syslogServer('192.0.2.1', 514).conf).toBe('syslog:server=192.0.2.1:514');
  expect(syslogServer('2001:db8::1', 1, ['tag=a', 'nohostname']).conf).toBe(
    'syslog:server=[2001:db8::1]:1,tag=a,nohostname',
  );
  for (const address of ['', 'a.example.com', 'unix:/run/x', '[::1]', '192.0.2.1;'])
    expect(() => syslogServer(address, 514)).toThrow(TypeError);
  for (const port of [0, 65_536, 1.5]) expect(() => syslogServer('192.0.2.1', port)).toThrow(TypeError);
  for (const option of ['tag=a,b', 'tag=$host', 'tag=', 'other=1', 'nohostname;'])
    expect(() => syslogServer('192.0.2.1', 514, [option])).toThrow(TypeError);
});

test.each(['a\nb', 'a\u0000', 'a\r', '\u007f'])('literal() rejects control characters: %j', (text) => {
  expect(() => literal(text)).toThrow(TypeError);
});

test.each([
  ['an extra directive', 'a x; b y;', 'a VALUE_0_VALUE;'],
  ['an extra word', 'a x y;', 'a VALUE_0_VALUE;'],
  ['another meaning', 'a z;', 'a VALUE_0_VALUE;'],
  ['a block', 'a x { }', 'a VALUE_0_VALUE;'],
  ['a comment that hides text', 'a #x;\n;', 'a VALUE_0_VALUE;'],
  ['a missing directive', '', 'a VALUE_0_VALUE;'],
])('verify() detects %s', (_, text, outline) => {
  expect(verify({ text, bare: text, outline, values: [word('x')], trees: [] })).toEqual(expect.any(String));
});

test('a comment is in the text of a rendered template, but not in `bare` or in the outline', () => {
  const rendered = compile('{{whose}}\na {{x}};\n')({ whose: comment`${'shop/web\nb;'}: ${'/'}`, x: word('x') });
  expect(rendered).toMatchObject({
    text: '# shop/web%0Ab%3B: /\na x;\n',
    bare: '\na x;\n',
    outline: '\na VALUE_0_VALUE;\n',
  });
  expect(verify(rendered)).toBeUndefined();
});

test('verify() detects a comment within a word or within a directive', () => {
  for (const source of ['a{{whose}};\nb;', 'a {{whose}};\nb;'])
    expect(verify(compile(source)({ whose: comment`${'shop/web'}` }))).toEqual(expect.any(String));
});

test('a fragment is inserted unchanged into the text, and left out of the outline', () => {
  expect(compile('a; {{inner}}')({ inner: new Fragment('b;') })).toMatchObject({ text: 'a; b;', outline: 'a; ' });
});

const LISTED = 'server {\n{{#each locations}}\n    {{name}} {{../mark}};\n{{/each}}\n    end {{mark}};\n}\n';

test('rendering a list in several portions gives the same string as rendering it at once', () => {
  const items = ['a', 'b', 'c'].map((name) => ({ name: word(name) }));
  const view = { mark: word('m') };
  const { frame, items: some } = compileList(LISTED, 'locations');
  const [before, after] = frame(view).texts;
  const pieces = [items.slice(0, 2), items.slice(2)].map((locations) => some?.({ ...view, locations }).text);
  expect([before, ...pieces, after].join('')).toBe(compile(LISTED)({ ...view, locations: items }).text);
  expect(frame(view)).toMatchObject({
    text: 'server {\n    end m;\n}\n',
    outline: expect.stringContaining('VALUE_0_VALUE'),
  });
});

test.each([
  ['inside another block', '{{#if mark}}{{#each locations}}{{name}}{{/each}}{{/if}}'],
  ['that uses the index of the item', '{{#each locations}}{{name}}{{#unless @first}} {{/unless}}{{/each}}'],
  ['with an alternative for an empty list', '{{#each locations}}{{name}}{{else}}none{{/each}}'],
  ['with another name', '{{#each others}}{{name}}{{/each}}'],
])('a list %s is rendered at once, not in portions', (_, source) => {
  const { frame, items } = compileList(source, 'locations');
  expect(items).toBeUndefined();
  const view = { mark: word('m'), locations: [{ name: word('a') }, { name: word('b') }], others: [] };
  expect(frame(view).text).toBe(compile(source)(view).text);
});
