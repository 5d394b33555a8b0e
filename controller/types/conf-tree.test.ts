import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfTree } from './conf-tree.ts';
import { type ConfNode, parseConf } from './tokenizer.ts';

const meaning = (nodes: readonly ConfNode[]): unknown[] =>
  nodes.map(({ words, children, lua }) => [words, lua ?? null, children === undefined ? null : meaning(children)]);

test('ConfTree writes text that has the same words and blocks as its source', () => {
  const source = `map $a $b { # a comment }
    default "x;\\"y}"; ~^/(?<id>\\d+)$ 'a b'; "" \${a}b;
    }
    log_by_lua_block { local t = { "}" } -- }
    }
    server{listen 1;location ~ \\.php$ {return 200 "a
b\\t";}}`;
  const tree = new ConfTree(source, 4);
  expect(meaning(parseConf(`http {\n${tree.text}\n}`))).toEqual([[['http'], null, meaning(parseConf(source))]]);
});

test('any text that ConfTree can parse has the same words and blocks after ConfTree has written it', () => {
  const piece = fc.constantFrom(
    'a',
    '$b',
    '"',
    "'",
    '\\',
    '{',
    '}',
    ';',
    ' ',
    '\n',
    '#',
    '$',
    '(',
    ')',
    'x_by_lua_block',
    '\t',
    '\\n',
    '~',
  );
  const source = fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(source, (text) => {
      let tree: ConfTree;
      try {
        tree = new ConfTree(text, 8);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        return;
      }
      expect(meaning(parseConf(`server {\n${tree.text}\n}`))).toEqual([[['server'], null, meaning(tree.nodes)]]);
    }),
    { numRuns: 3000 },
  );
});
