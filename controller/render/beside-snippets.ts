/**
 * Directives that must be repeated in blocks with snippets of the administrator: a block with its own add_header or
 * proxy_set_header directives does not inherit any in nginx.
 */
import type { ConfTree } from '../types/conf-tree.ts';
import type { StaticPlan } from '../types/plan.ts';
import { type SetHeader, setHeaders } from './upstream-headers.ts';

const MODULES = ['proxy', 'grpc'] as const;

function contains(tree: ConfTree | null, name: string): boolean {
  return tree !== null && tree.nodes.some(({ words }) => words[0] === name);
}

/** Whether a snippet contains add_header, so that the block does not inherit the http level's add_header directives. */
export function addsHeaders(tree: ConfTree | null): boolean {
  return contains(tree, 'add_header');
}

/** Whether a snippet serves files, so that Tidegate must not set a root in the location. */
export function readsRoot(tree: ConfTree | null): boolean {
  return ['root', 'alias', 'try_files'].some((name) => contains(tree, name));
}

/**
 * Headers for backends that a block with this snippet would not inherit, for each module whose set_header directive the
 * snippet uses.
 */
export function repeatedHeaders(tree: ConfTree | null, plan: StaticPlan): readonly SetHeader[] {
  return MODULES.filter((module) => contains(tree, `${module}_set_header`)).flatMap((module) =>
    setHeaders(module, plan.upstreamHeaders),
  );
}

/** The list without headers that the snippet itself sets: nginx would send such a header twice. */
export function withoutSet(tree: ConfTree | null, list: readonly SetHeader[]): readonly SetHeader[] {
  if (tree === null || list.length === 0) return list;
  const own = new Set(tree.nodes.map(({ words: [name, header = ''] }) => `${name ?? ''} ${header.toLowerCase()}`));
  return list.filter(({ directive, name }) => !own.has(`${directive.meaning} ${name.meaning.toLowerCase()}`));
}
