import { expect, test } from 'vitest';
import { parseConf } from './tokenizer.ts';

const words = (text: string) => parseConf(text).map((node) => node.words);

test.each([
  ['a b;', [['a', 'b']]],
  ['a "b c" \'d "e"\';', [['a', 'b c', 'd "e"']]],
  ['a "x\\"y\\\\z\\.q";', [['a', 'x"y\\z\\.q']]],
  ['a ${b}c{ d; }', [['a', '${b}c']]],
  ['a b#c;', [['a', 'b#c']]],
  ['a # b;\n c;', [['a', 'c']]],
  ['a \\"b;', [['a', '"b']]],
])('parseConf() splits %s into words', (text, expected) => {
  expect(words(text)).toEqual(expected);
});

test('parseConf() parses nested blocks, and records the line of each directive', () => {
  const [server] = parseConf('server {\n  location "/{" {\n    return 200;\n  }\n}\n');
  expect(server?.children?.[0]).toMatchObject({ words: ['location', '/{'], line: 2 });
  expect(server?.children?.[0]?.children?.[0]).toMatchObject({ words: ['return', '200'], line: 3 });
});

test('a Lua block ends at the brace that closes it', () => {
  const [block, after] = parseConf('init_by_lua_block { local t = { a = "}" } -- }\n }\nnext;');
  expect(block?.lua).toBe(' local t = { a = "}" } -- }\n ');
  expect(after?.words).toEqual(['next']);
});

test.each(['a', 'a {', '}', 'a "b', 'a "b"c;', ';', 'init_by_lua_block { [[ }'])('parseConf() refuses %s', (text) => {
  expect(() => parseConf(text)).toThrow(SyntaxError);
});
