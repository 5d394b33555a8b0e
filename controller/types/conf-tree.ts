/**
 * Parsed directives of the administrator. nginx.conf gets text that is generated from the parsed form, never the
 * original text. So an extra brace is found before nginx sees it, and cannot end one of our blocks.
 */
import { type ConfNode, parseConf } from './tokenizer.ts';

export class ConfTree {
  readonly nodes: readonly ConfNode[];
  /** The text for nginx.conf, without a line break at its end. */
  readonly text: string;

  /** `indent`: spaces before each line. Throws SyntaxError for text that nginx would reject. */
  constructor(source: string, indent: number) {
    this.nodes = parseConf(source);
    this.text = lines(this.nodes, ' '.repeat(indent)).join('\n');
  }
}

/** The text of the directives, without a line break at the end. */
export function confText(nodes: readonly ConfNode[]): string {
  return lines(nodes, '').join('\n');
}

const BARE = /^[A-Za-z0-9_.:/*+=~^,@%$()!<>|?&-]+$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function word(text: string): string {
  return BARE.test(text) ? text : `"${text.replaceAll(/[\\"\n\r\t]/g, (character) => ESCAPES[character] ?? '')}"`;
}

function lines(nodes: readonly ConfNode[], indent: string): string[] {
  return nodes.flatMap(({ words, children, lua }) => {
    const start = `${indent}${words.map(word).join(' ')}`;
    if (lua !== undefined) return [`${start} {${lua}}`];
    return children === undefined ? [`${start};`] : [`${start} {`, ...lines(children, `${indent}    `), `${indent}}`];
  });
}
