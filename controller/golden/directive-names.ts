/** Collects the directives of an nginx.conf, without their arguments. */
import type { ConfNode } from '../types/tokenizer.ts';

/** In `map` and `geo` blocks, the first word of a line is a value, unless it is one of these parameters. */
const OF_TABLES = new Set([
  'default',
  'delete',
  'hostnames',
  'include',
  'proxy',
  'proxy_recursive',
  'ranges',
  'volatile',
]);

/** Names of directives, each with the names of the blocks around it. */
export function directiveNames(nodes: readonly ConfNode[], into = new Set<string>(), path = ''): Set<string> {
  const inTable = /\/(map|geo)$/.test(path);
  for (const node of nodes) {
    const [first = ''] = node.words;
    const name = `${path}/${inTable && !OF_TABLES.has(first) ? 'value' : first}`;
    into.add(name);
    directiveNames(node.children ?? [], into, name);
  }
  return into;
}
