/**
 * What of a snippet is done by Lua: its conditions, answers, rewrites and headers, in the order of nginx's rewrite module.
 * nginx/lua/tidegate/request/snippet.lua runs it.
 */

import type { LiveSources } from './live-sources.ts';

/**
 * Pieces in order: text, or, where it begins with a dollar, `$1` to `$9` (a capture), `$@name` (a variable that a snippet
 * set, or the administrator) or `$name` (one of NGINX, out of a closed list).
 */
export type LiveText = readonly string[];

/** The snippets of one route. */
export interface LiveSnippet {
  /** That of the host. */
  readonly server?: LiveScript;
  readonly location?: LiveScript;
  /** Pieces whose values go to $tidegate_own_1, $tidegate_own_2 …: nginx.conf has them in values of directives. */
  readonly exports?: LiveText;
}

export interface LiveScript {
  readonly steps?: readonly LiveStep[];
  /** When the steps are done, however they ended: nginx looks at locations and access after its rewrite module. */
  readonly last?: readonly LiveStep[];
  /** Of every answer, whatever the steps do. */
  readonly headers?: readonly LiveHeader[];
}

export type LiveStep =
  | { readonly set: string; readonly to: LiveText }
  /** `headers` are those of answers to requests that pass the test. */
  | { readonly if: LiveTest; readonly headers?: readonly LiveHeader[]; readonly steps?: readonly LiveStep[] }
  /** Ends the request; with a status that goes with a Location, `text` is that; else a body, of a type of content. */
  | { readonly return: number; readonly text?: LiveText; readonly type?: string }
  | LiveSnippetRewrite
  /** Goes no further in this script. */
  | { readonly stop: true };

/** The path is matched with `pattern` and replaced, whole. */
export interface LiveSnippetRewrite {
  /** PCRE, with regard to case. */
  readonly rewrite: string;
  /** The path; for a redirect, a URL up to its query. */
  readonly to: LiveText;
  readonly query?: LiveText;
  /** The request's own arguments follow. */
  readonly keepsArguments?: true;
  /** A redirect with this status; without, the request goes on and the script ends. */
  readonly code?: 301 | 302;
}

/**
 * `filled`: neither empty nor `0`. `prefix`: begins with `value`. `match` is PCRE, `imatch` without regard to case.
 * `refused`: an address as NGINX has it, which `sources` do not let in.
 */
export interface LiveTest {
  readonly of: LiveText;
  readonly is: 'filled' | 'equal' | 'prefix' | 'match' | 'imatch' | 'refused';
  readonly not?: true;
  readonly value?: LiveText;
  readonly pattern?: string;
  readonly sources?: LiveSources;
}

/** `add` leaves headers of the same name, `set` replaces them (without a text it clears), `clear` may end in `*`. */
export interface LiveHeader {
  readonly op: 'add' | 'set' | 'clear';
  readonly name: string;
  readonly text?: LiveText;
  /** In place of a text: the date that many seconds from now. */
  readonly after?: number;
  /** Only on answers with these. */
  readonly statuses?: readonly number[];
}
