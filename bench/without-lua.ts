/** Removes the Lua module from an nginx.conf, to measure what the same blocks cost in plain NGINX. */
import { readConf } from '../e2e/runner/conf.ts';
import type { ConfNode } from '../e2e/runner/conf.ts';

function isLua({ words: [name = '', argument = ''] }: ConfNode): boolean {
  return name.startsWith('lua_') || name.includes('_by_lua') || (name === 'load_module' && /lua|ndk/.test(argument));
}

function luaNodes(nodes: readonly ConfNode[]): ConfNode[] {
  return nodes.flatMap((node) => (isLua(node) ? [node] : luaNodes(node.children ?? [])));
}

/**
 * Removes the lines of every directive of the Lua module (the templates write no other directive on these lines). Every
 * upstream, whose endpoints Lua would choose, gets one server: `upstream`, as `address:port`. NGINX itself generates
 * the request ids.
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
