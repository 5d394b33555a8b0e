/**
 * The parts of a snippet that Lua executes: its conditions, responses, rewrites and headers, in the order of nginx's
 * rewrite module. nginx/lua/tidegate/request/snippet.lua runs it.
 */

import type { LiveSources } from './live-sources.ts';

/**
 * Pieces in order: text, or, if it begins with a dollar, `$1` to `$9` (a capture), `$@name` (a variable set by a
 * snippet or the administrator) or `$name` (an NGINX variable from a closed list).
 */
export type LiveText = readonly string[];

/** The snippets of one route. */
export interface LiveSnippet {
  /** The snippet of the host. */
  readonly server?: LiveScript;
  readonly location?: LiveScript;
  /**
   * Pieces whose values are assigned to $tidegate_own_1, $tidegate_own_2 …, which nginx.conf uses in values of
   * directives.
   */
  readonly exports?: LiveText;
}

export interface LiveScript {
  readonly steps?: readonly LiveStep[];
  /**
   * Executed after the steps, however they ended: nginx matches locations and checks access after its rewrite module.
   */
  readonly last?: readonly LiveStep[];
  /** For every response, whatever the steps do. */
  readonly headers?: readonly LiveHeader[];
}

export type LiveStep =
  | { readonly set: string; readonly to: LiveText }
  /** `headers` are for responses to requests that pass the test. */
  | { readonly if: LiveTest; readonly headers?: readonly LiveHeader[]; readonly steps?: readonly LiveStep[] }
  /** Ends the request. For a status with a Location, `text` is that; otherwise it is the body, with a content type. */
  | { readonly return: number; readonly text?: LiveText; readonly type?: string }
  | LiveSnippetRewrite
  /** Ends this script. */
  | { readonly stop: true };

/** The path is matched with `pattern` and replaced as a whole. */
export interface LiveSnippetRewrite {
  /** PCRE, case-sensitive. */
  readonly rewrite: string;
  /** The path; for a redirect, a URL up to its query. */
  readonly to: LiveText;
  readonly query?: LiveText;
  /** The request's own arguments follow. */
  readonly keepsArguments?: true;
  /** Redirects with this status; without it, the request continues and the script ends. */
  readonly code?: 301 | 302;
}

/**
 * `filled`: neither empty nor `0`. `prefix`: begins with `value`. `match` is PCRE, `imatch` case-insensitive.
 * `refused`: an address in NGINX's form that `sources` do not admit.
 */
export interface LiveTest {
  readonly of: LiveText;
  readonly is: 'filled' | 'equal' | 'prefix' | 'match' | 'imatch' | 'refused';
  readonly not?: true;
  readonly value?: LiveText;
  readonly pattern?: string;
  readonly sources?: LiveSources;
}

/** `add` keeps headers of the same name, `set` replaces them (without a text it clears), `clear` may end in `*`. */
export interface LiveHeader {
  readonly op: 'add' | 'set' | 'clear';
  readonly name: string;
  readonly text?: LiveText;
  /** Replaces a text: the date that many seconds from now. */
  readonly after?: number;
  /** Only on responses with these statuses. */
  readonly statuses?: readonly number[];
}
