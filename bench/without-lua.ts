/** The same nginx.conf without the Lua module: the cost of the same blocks in NGINX alone. */
import { readConf } from '../e2e/runner/conf.ts';
import type { ConfNode } from '../e2e/runner/conf.ts';

function isLua({ words: [name = '', argument = ''] }: ConfNode): boolean {
  return name.startsWith('lua_') || name.includes('_by_lua') || (name === 'load_module' && /lua|ndk/.test(argument));
}

function luaNodes(nodes: readonly ConfNode[]): ConfNode[] {
  return nodes.flatMap((node) => (isLua(node) ? [node] : luaNodes(node.children ?? [])));
}

/**
 * Removes every directive of the Lua module, by whole lines (as the templates write them), and gives the upstreams,
 * whose endpoints Lua chose, one server: `upstream`, as `address:port`. NGINX makes the request ids.
 */
export function withoutLua(conf: string, upstream: string): string {
  const lines = conf.split('\n');
  for (const { line, lastLine } of luaNodes(readConf(conf))) {
    for (let number = line; number <= lastLine; number += 1) lines[number - 1] = '';
  }
  return lines
    .filter((line) => line !== '')
    .join('\n')
    .replaceAll('server 0.0.0.1;', `server ${upstream};`)
    .replaceAll('$tidegate_request_id', '$request_id')
    .replaceAll('set $request_id "";', '');
}
