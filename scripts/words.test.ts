import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PHRASINGS, stumblesIn } from './words.ts';

const root = join(import.meta.dirname, '..');
const FOLDERS = /^(?:bench|charts|controller|docs|e2e|nginx|scripts|templates)\//;
const TEXTS = /\.(?:ts|mjs|lua|md|sh|hbs|tpl|yaml)$/;
/** Files that are not checked: inputs from other authors, results of benches, and this check itself. */
const OTHERS =
  /^(?:bench\/results\/|controller\/cluster\/fixtures\/|controller\/golden\/cases\/|charts\/fixtures\/|e2e\/inputs\/|scripts\/words\.)/;

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => TEXTS.test(path) && (FOLDERS.test(path) || path.endsWith('.md')) && !OTHERS.test(path));

describe('a phrasing over which readers stumble', () => {
  test.each(PHRASINGS.map(({ wrong, right, pattern }) => [wrong, right, pattern] as const))(
    'is found in the text "%s"',
    (wrong, right, pattern) => {
      expect(wrong).toMatch(pattern);
      expect(stumblesIn(`/** ${wrong} */\n`)).toHaveLength(1);
      expect(stumblesIn(`/** ${right} */\n`)).toEqual([]);
    },
  );

  test.each([
    ['a TypeScript comment of several lines', 'const a = 1;\n/**\n * A port that\n * is none.\n */', 4],
    ['TypeScript comments on successive lines', 'f();\n  // A port that is\n  // none.', 2],
    ['a string that is split into two parts', "throw new Error(\n  'a port that is ' +\n    'none',\n);", 2],
    ['a test title', "\n\ntest('a port that is none', () => {});", 3],
    ['a Lua comment', 'local a = 1\n-- A port that\n-- is none.', 3],
    ['a comment of a shell script', 'set -e\n# A port that is none.', 2],
    ['a Markdown paragraph', '# Ports\n\nA port that\nis none.\n', 4],
  ])('is found in %s', (_name, text, line) => {
    expect(stumblesIn(text)).toMatchObject([{ line, found: 'is none' }]);
  });

  test('is not found in any text of this repository', () => {
    expect(files.length).toBeGreaterThan(500);
    const found = files.flatMap((path) =>
      stumblesIn(readFileSync(join(root, path), 'utf8')).map(
        ({ line, found: phrase, instead }) => `${path}:${line}: ${phrase}; write ${instead}`,
      ),
    );
    expect(found).toEqual([]);
  });
});
