/**
 * A parser of nginx.conf, independent of the controller's code that writes nginx.conf. It parses words, braces,
 * semicolons, quotes and comments.
 */
import { readFileSync, statSync } from 'node:fs';

export interface ConfNode {
  /** Name and arguments, without quotes. */
  readonly words: readonly string[];
  /** The first line of the directive, counted from 1. */
  readonly line: number;
  lastLine: number;
  /** Directives inside; undefined for a simple directive or a Lua block. */
  readonly children: ConfNode[] | undefined;
}

interface Cursor {
  readonly text: string;
  at: number;
  line: number;
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const char = cursor.text.charAt(cursor.at);
    if (char === '#') cursor.at = (cursor.text.indexOf('\n', cursor.at) + 1 || cursor.text.length + 1) - 1;
    if (cursor.text.charAt(cursor.at) === '\n') cursor.line += 1;
    else if (!/\s/.test(char) && char !== '#') return;
  }
}

function readQuoted(cursor: Cursor, quote: string): string {
  let word = '';
  for (cursor.at += 1; cursor.at < cursor.text.length; cursor.at += 1) {
    const char = cursor.text.charAt(cursor.at);
    if (char === quote) break;
    if (char === '\n') cursor.line += 1;
    if (char === '\\') cursor.at += 1;
    word += cursor.text.charAt(cursor.at);
  }
  cursor.at += 1;
  return word;
}

const WORD = /(?:\\[\s\S]|\$\{[^}]*\}|[^\s;{}])+/y;

function readWord(cursor: Cursor): string {
  const first = cursor.text.charAt(cursor.at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  WORD.lastIndex = cursor.at;
  const found = WORD.exec(cursor.text);
  if (!found) throw new Error(`nginx.conf line ${cursor.line}: unexpected ${JSON.stringify(first)}`);
  cursor.at += found[0].length;
  return found[0];
}

/**
 * Skips a Lua block without parsing Lua. The blocks of Tidegate's templates have balanced braces, and no braces within
 * strings.
 */
function skipLua(cursor: Cursor): void {
  for (let depth = 0; cursor.at < cursor.text.length; cursor.at += 1) {
    const char = cursor.text.charAt(cursor.at);
    if (char === '\n') cursor.line += 1;
    if (char === '{') depth += 1;
    if (char === '}' && (depth -= 1) === 0) break;
  }
  cursor.at += 1;
}

function readBlock(cursor: Cursor): ConfNode[] {
  const nodes: ConfNode[] = [];
  for (;;) {
    skipSpace(cursor);
    const char = cursor.text.charAt(cursor.at);
    if (char === '' || char === '}') return nodes;
    const { line } = cursor;
    const words: string[] = [];
    let children: ConfNode[] | undefined;
    for (;;) {
      skipSpace(cursor);
      const next = cursor.text.charAt(cursor.at);
      if (next === '') throw new Error(`nginx.conf line ${line}: ${words[0]} does not end`);
      if (next === ';') {
        cursor.at += 1;
        break;
      }
      if (next === '{') {
        if (words[0]?.endsWith('_by_lua_block')) skipLua(cursor);
        else {
          cursor.at += 1;
          children = readBlock(cursor);
          cursor.at += 1;
        }
        break;
      }
      words.push(readWord(cursor));
    }
    nodes.push({ words, line, lastLine: cursor.line, children });
  }
}

/** Parses nginx.conf; returns its top-level directives. */
export function readConf(text: string): ConfNode[] {
  const cursor = { text, at: 0, line: 1 };
  const nodes = readBlock(cursor);
  if (cursor.at < text.length) throw new Error(`nginx.conf line ${cursor.line}: a brace too many`);
  return nodes;
}

/** The server blocks whose server_name contains this name. */
export function serversOf(conf: readonly ConfNode[], name: string): ConfNode[] {
  const http = conf.find((node) => node.words[0] === 'http')?.children ?? [];
  return http.filter(
    (node) =>
      node.words[0] === 'server' &&
      node.children?.some((child) => child.words[0] === 'server_name' && child.words.includes(name)),
  );
}

/** An nginx.conf that was parsed once. */
export interface Conf {
  readonly text: string;
  /** The text of the server blocks of a host, for messages; a note in parentheses if there is no such block. */
  readonly serverText: (name: string) => string;
}

export function confOf(text: string): Conf {
  const [lines, nodes] = [text.split('\n'), readConf(text)];
  return {
    text,
    serverText(name) {
      const blocks = serversOf(nodes, name).map((node) => lines.slice(node.line - 1, node.lastLine).join('\n'));
      return blocks.length > 0 ? blocks.join('\n') : `(nginx.conf has no server ${name})`;
    },
  };
}

const parsed = new Map<string, { readonly state: string; readonly conf: Conf }>();

/**
 * The nginx.conf of a run directory. It is parsed again only after it was replaced, because a test that waits reads it
 * every few milliseconds.
 */
export function confIn(runDir: string): Conf {
  const file = `${runDir}/conf/nginx.conf`;
  const { ino, size, mtimeMs } = statSync(file);
  const state = `${ino} ${size} ${mtimeMs}`;
  const known = parsed.get(file);
  if (known?.state === state) return known.conf;
  const conf = confOf(readFileSync(file, 'utf8'));
  parsed.set(file, { state, conf });
  return conf;
}

/**
 * The names of all directives, each with the names of its enclosing blocks. No string of a tenant may change this list.
 */
export function skeleton(nodes: readonly ConfNode[], prefix = ''): string[] {
  return nodes.flatMap((node) => {
    const name = `${prefix}${node.words[0]}`;
    return [name, ...skeleton(node.children ?? [], `${name} > `)];
  });
}
