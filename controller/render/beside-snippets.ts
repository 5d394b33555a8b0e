/**
 * What has to be repeated beside the administrator's snippets: nginx takes the add_header and the proxy_set_header of a
 * block in place of all that it would inherit.
 */
import type { ConfTree } from '../types/conf-tree.ts';
import type { StaticPlan } from '../types/plan.ts';
import { type SetHeader, setHeaders } from './upstream-headers.ts';

const MODULES = ['proxy', 'grpc'] as const;

function holds(tree: ConfTree | null, name: string): boolean {
  return tree !== null && tree.nodes.some(({ words }) => words[0] === name);
}

/** Whether the inherited add_header would be lost. */
export function addsHeaders(tree: ConfTree | null): boolean {
  return holds(tree, 'add_header');
}

/** The headers for backends of each module whose list would be lost. */
export function repeatedHeaders(tree: ConfTree | null, plan: StaticPlan): readonly SetHeader[] {
  return MODULES.filter((module) => holds(tree, `${module}_set_header`)).flatMap((module) =>
    setHeaders(module, plan.upstreamHeaders),
  );
}

/** Without those that the snippet sets itself: both would be sent. */
export function withoutSet(tree: ConfTree | null, list: readonly SetHeader[]): readonly SetHeader[] {
  if (tree === null || list.length === 0) return list;
  const own = new Set(tree.nodes.map(({ words: [name, header = ''] }) => `${name ?? ''} ${header.toLowerCase()}`));
  return list.filter(({ directive, name }) => !own.has(`${directive.meaning} ${name.meaning.toLowerCase()}`));
}
