/**
 * What stands at the http level of nginx.conf because a location, a host or a setting refers to it: zones, maps, caches.
 * Whoever refers to it brings it along; the conf has each one once, and none that nobody brings.
 */
import type { ConfValue } from './conf-value.ts';

/** A closed list, as that of directive.ts. Those with `entries` are blocks. */
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
  /** What stands between the braces of a geo or map; each entry ends with a semicolon. */
  readonly entries?: readonly (readonly ConfValue[])[];
}

export interface Declaration {
  /**
   * All that it says: two with the same key are one. What it declares is named after everything that may differ, as
   * nginx takes no name twice.
   */
  readonly key: string;
  readonly lines: readonly DeclaredLine[];
}

/** Lines that belong together. nginx looks variables and zones up at the end, so that their order means nothing. */
export function declaration(...lines: readonly DeclaredLine[]): Declaration {
  const written = (words: readonly ConfValue[]): string => words.map(({ conf }) => conf).join(' ');
  const key = lines.map(({ name, args, entries = [] }) => [name, written(args), ...entries.map(written)].join('\n'));
  return { key: key.join('\n\n'), lines };
}

/** Each key once, sorted by it. */
export function uniqueDeclarations(lists: Iterable<readonly Declaration[]>): readonly Declaration[] {
  const byKey = new Map<string, Declaration>();
  for (const list of lists) for (const each of list) byKey.set(each.key, each);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
