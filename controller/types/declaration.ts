/**
 * Declarations at the http level of nginx.conf that a location, a host or a setting refers to: zones, maps, caches.
 * Each part of the Plan contains the declarations to which it refers. nginx.conf contains each declaration once, and
 * only while something refers to it.
 */
import type { ConfValue } from './conf-value.ts';

/** The list is closed, like the one in directive.ts. Declarations with `entries` are blocks. */
export type DeclarationName =
  | 'access_by_lua_no_postpone'
  | 'geo'
  | 'limit_conn_zone'
  | 'limit_req_zone'
  | 'lua_shared_dict'
  | 'map'
  | 'proxy_cache_path';

export interface DeclaredLine {
  readonly name: DeclarationName;
  readonly args: readonly ConfValue[];
  /** The content of a geo or map block; each entry ends with a semicolon. */
  readonly entries?: readonly (readonly ConfValue[])[];
}

export interface Declaration {
  /**
   * Identifies the declaration: two declarations with the same key are equal. The declared name depends on everything
   * that may differ between declarations, because nginx rejects duplicate names.
   */
  readonly key: string;
  readonly lines: readonly DeclaredLine[];
}

/**
 * Declarations that belong together. nginx resolves variables and zones after it has read all of them, so their order
 * does not matter.
 */
export function declaration(...lines: readonly DeclaredLine[]): Declaration {
  const written = (words: readonly ConfValue[]): string => words.map(({ conf }) => conf).join(' ');
  const key = lines.map(({ name, args, entries = [] }) => [name, written(args), ...entries.map(written)].join('\n'));
  return { key: key.join('\n\n'), lines };
}

/** All declarations without duplicates, sorted by key. */
export function uniqueDeclarations(lists: Iterable<readonly Declaration[]>): readonly Declaration[] {
  const byKey = new Map<string, Declaration>();
  for (const list of lists) for (const each of list) byKey.set(each.key, each);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
