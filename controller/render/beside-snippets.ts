/**
 * What has to be repeated beside the administrator's snippets: nginx replaces all inherited add_header and
 * proxy_set_header directives with those of a block that has its own.
 */
import type { ConfTree } from '../types/conf-tree.ts';
import type { StaticPlan } from '../types/plan.ts';
import { type SetHeader, setHeaders } from './upstream-headers.ts';

const MODULES = ['proxy', 'grpc'] as const;

function holds(tree: ConfTree | null, name: string): boolean {
  return tree !== null && tree.nodes.some(({ words }) => words[0] === name);
}

/** Whether the inherited add_header directives would be lost. */
export function addsHeaders(tree: ConfTree | null): boolean {
  return holds(tree, 'add_header');
}

/** The backend headers of each module whose inherited list would be lost. */
export function repeatedHeaders(tree: ConfTree | null, plan: StaticPlan): readonly SetHeader[] {
  return MODULES.filter((module) => holds(tree, `${module}_set_header`)).flatMap((module) =>
    setHeaders(module, plan.upstreamHeaders),
  );
}

/** Without the ones that the snippet sets itself: otherwise both would be sent. */
export function withoutSet(tree: ConfTree | null, list: readonly SetHeader[]): readonly SetHeader[] {
  if (tree === null || list.length === 0) return list;
  const own = new Set(tree.nodes.map(({ words: [name, header = ''] }) => `${name ?? ''} ${header.toLowerCase()}`));
  return list.filter(({ directive, name }) => !own.has(`${directive.meaning} ${name.meaning.toLowerCase()}`));
}
