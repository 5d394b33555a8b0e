/**
 * Reads nginx.conf like nginx. This code is independent of the templates, so that it can check their output. The
 * grammar follows ngx_conf_read_token in nginx's ngx_conf_file.c and, for Lua blocks, lua-nginx-module.
 */

export interface ConfNode {
  /** Name and arguments, unquoted and unescaped. */
  readonly words: readonly string[];
  readonly line: number;
  /** Set for a directive with a block. */
  readonly children?: readonly ConfNode[];
  /** Set for a `*_by_lua_block`: the code between the braces. */
  readonly lua?: string;
}

/**
 * Maximum depth of nested blocks: far more than any configuration needs, but not too much for the stack of this
 * program.
 */
const MOST_DEPTH = 64;

interface Cursor {
  readonly text: string;
  at: number;
  line: number;
  depth: number;
}

function fail(cursor: Cursor, what: string): never {
  throw new SyntaxError(`line ${cursor.line}: ${what}`);
}

function step(cursor: Cursor): string {
  const character = cursor.text[cursor.at] ?? fail(cursor, 'unexpected end of file');
  cursor.at += 1;
  if (character === '\n') cursor.line += 1;
  return character;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

const ESCAPED: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  '"': '"',
  "'": "'",
  '\\': '\\',
  ' ': ' ',
};

/**
 * Reads the character after a backslash. The escapes for quotes, backslash, tab, carriage return, line feed and space
 * stand for one character; before any other character, the backslash is kept.
 */
function escape(cursor: Cursor): string {
  const next = step(cursor);
  return ESCAPED[next] ?? `\\${next}`;
}

function quotedWord(cursor: Cursor, quote: string): string {
  let word = '';
  for (;;) {
    const character = step(cursor);
    if (character === quote) break;
    word += character === '\\' ? escape(cursor) : character;
  }
  const next = cursor.text[cursor.at] ?? '';
  // nginx allows these characters after a quoted word, but no other character without a space.
  if (next === '' || !(isBlank(next) || next === ';' || next === '{' || next === ')'))
    fail(cursor, `unexpected ${JSON.stringify(next)}`);
  return word;
}

function bareWord(cursor: Cursor): string {
  let word = '';
  let afterDollar = false;
  for (;;) {
    const next = cursor.text[cursor.at];
    if (next === undefined) fail(cursor, 'unexpected end of file');
    if (next === '{' && afterDollar) {
      word += step(cursor);
      afterDollar = false;
      continue;
    }
    if (isBlank(next) || next === ';' || next === '{') return word;
    step(cursor);
    afterDollar = next === '$';
    word += next === '\\' ? escape(cursor) : next;
  }
}

/** Skips spaces and comments, and returns the next character without consuming it. */
function peek(cursor: Cursor): string | undefined {
  for (;;) {
    const next = cursor.text[cursor.at];
    if (next === undefined) return undefined;
    if (next === '#') while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== '\n') step(cursor);
    else if (isBlank(next)) step(cursor);
    else return next;
  }
}

/** Reads the code of a Lua block up to the brace that closes it; strings and comments of Lua may contain braces. */
function luaBlock(cursor: Cursor): string {
  const start = cursor.at;
  for (let depth = 1; depth > 0;) {
    const character = step(cursor);
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    else if (character === '"' || character === "'") luaString(cursor, character);
    else if (cursor.text.startsWith('--', cursor.at - 1)) while (cursor.text[cursor.at] !== '\n') step(cursor);
    else if (character === '[' && /^=*\[/.test(cursor.text.slice(cursor.at)))
      fail(cursor, 'Lua long brackets are not supported');
  }
  return cursor.text.slice(start, cursor.at - 1);
}

function luaString(cursor: Cursor, quote: string): void {
  for (let character = step(cursor); character !== quote; character = step(cursor)) {
    if (character === '\n') fail(cursor, 'Lua string does not end');
    if (character === '\\') step(cursor);
  }
}

function directive(cursor: Cursor): ConfNode {
  const line = cursor.line;
  const words: string[] = [];
  for (;;) {
    const next = peek(cursor);
    if (next === undefined) fail(cursor, 'unexpected end of file');
    if (next === '}') fail(cursor, 'unexpected "}"');
    if (next === ';' || next === '{') {
      step(cursor);
      if (words.length === 0) fail(cursor, `unexpected "${next}"`);
      if (next === ';') return { words, line };
      if (words[0]?.endsWith('_by_lua_block')) return { words, line, lua: luaBlock(cursor) };
      if (cursor.depth >= MOST_DEPTH) fail(cursor, `more than ${MOST_DEPTH} nested blocks`);
      cursor.depth += 1;
      const children = block(cursor, true);
      cursor.depth -= 1;
      return { words, line, children };
    }
    words.push(next === '"' || next === "'" ? quotedWord(cursor, step(cursor)) : bareWord(cursor));
  }
}

function block(cursor: Cursor, inside: boolean): ConfNode[] {
  const nodes: ConfNode[] = [];
  for (;;) {
    const next = peek(cursor);
    if (next === undefined) return inside ? fail(cursor, 'unexpected end of file, expecting "}"') : nodes;
    if (next === '}') {
      if (!inside) fail(cursor, 'unexpected "}"');
      step(cursor);
      return nodes;
    }
    nodes.push(directive(cursor));
  }
}

/**
 * Parses the text of nginx.conf, or a part of it. Throws SyntaxError, with the line, for text that nginx would reject.
 */
export function parseConf(text: string): ConfNode[] {
  return block({ text, at: 0, line: 1, depth: 0 }, false);
}
