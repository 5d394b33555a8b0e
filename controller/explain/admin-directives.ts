/** Directives of the administrator's snippets that may decide about a request. They are not evaluated. */
import type { ConfTree } from '../types/conf-tree.ts';
import type { ConfNode } from '../types/tokenizer.ts';
import type { AdminSnippets } from '../types/plan.ts';
import { note, type Course } from './course.ts';

const DECIDING =
  /^(?:access_by_lua.*|allow|auth_.*|client_max_body_size|content_by_lua.*|deny|error_page|if|internal|limit_(?:conn|except|req)|location|(?:proxy|grpc|fastcgi)_pass|proxy_intercept_errors|return|rewrite(?:_by_lua.*)?|satisfy|set_real_ip_from|try_files)$/;

function decidingIn(nodes: readonly ConfNode[]): readonly string[] {
  return nodes.flatMap(({ words, children }) => [
    ...(DECIDING.test(words[0] ?? '') ? [words[0] ?? ''] : []),
    ...decidingIn(children ?? []),
  ]);
}

function decidingOf(tree: ConfTree | null): readonly string[] {
  return tree === null ? [] : decidingIn(tree.nodes);
}

/** Notes directives of the ConfigMap's snippets that may answer a request or change how it is handled. */
export function noteAdministrator({ http, server, location }: AdminSnippets, { steps, outcomes }: Course): void {
  for (const [key, tree] of [
    ['http-snippet', http],
    ['server-snippet', server],
    ['location-snippet', location],
  ] as const) {
    const found = [...new Set(decidingOf(tree))];
    if (found.length === 0) continue;
    const text = `${key} of the ConfigMap contains directives that are not evaluated here: ${found.join(', ')}`;
    note({ steps, outcomes }, 'administrator', 'depends', text);
    outcomes.push({ when: `${key} of the ConfigMap decides otherwise`, status: null, by: 'unknown' });
  }
}
