/** Directives of NGINX's module headers-more, which is a separate package in Debian. */
import { confText } from '../../types/conf-tree.ts';
import { type ConfNode, parseConf } from '../../types/tokenizer.ts';

const HEADERS_MORE = /^more_(?:set|clear)(?:_input)?_headers$/;

export function usesHeadersMore(nodes: readonly ConfNode[]): boolean {
  return nodes.some(({ words: [name = ''], children = [] }) => HEADERS_MORE.test(name) || usesHeadersMore(children));
}

/** The text without directives of headers-more; undefined if it contains no such directives. */
export function withoutHeadersMore(text: string): string | undefined {
  const nodes = parseConf(text);
  return usesHeadersMore(nodes) ? confText(without(nodes)) : undefined;
}

function without(nodes: readonly ConfNode[]): readonly ConfNode[] {
  return nodes
    .filter(({ words: [name = ''] }) => !HEADERS_MORE.test(name))
    .map((node) => (node.children === undefined ? node : { ...node, children: [...without(node.children)] }));
}
