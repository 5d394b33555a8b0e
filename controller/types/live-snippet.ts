/**
 * The parts of a snippet that Lua executes: conditions, responses, rewrites and headers, in the order in which nginx's
 * rewrite module would execute them. nginx/lua/tidegate/request/snippet.lua executes them.
 */

import type { LiveSources } from './live-sources.ts';

/**
 * Pieces in order. A piece is text or, if it begins with a dollar, `$1` to `$9` (a capture), `$@name` (a variable that
 * a snippet or the administrator sets) or `$name` (an NGINX variable from a closed list).
 */
export type LiveText = readonly string[];

/** The snippets of one route. */
export interface LiveSnippet {
  /** The script of the host's snippet. */
  readonly server?: LiveScript;
  readonly location?: LiveScript;
  /**
   * Pieces whose values Lua assigns to $tidegate_own_1, $tidegate_own_2 and so on; directives in nginx.conf read these
   * variables.
   */
  readonly exports?: LiveText;
}

export interface LiveScript {
  readonly steps?: readonly LiveStep[];
  /**
   * Executed after the steps, even if these ended early: nginx matches locations and checks access after its rewrite
   * module has ended.
   */
  readonly last?: readonly LiveStep[];
  /** Header changes for every response, whatever the steps do. */
  readonly headers?: readonly LiveHeader[];
}

export type LiveStep =
  | { readonly set: string; readonly to: LiveText }
  /** `headers` are added to responses if the request passes the test. */
  | { readonly if: LiveTest; readonly headers?: readonly LiveHeader[]; readonly steps?: readonly LiveStep[] }
  /**
   * Answers the request. `text` is the Location if the status has one, and otherwise the body, with `type` as its
   * content type.
   */
  | { readonly return: number; readonly text?: LiveText; readonly type?: string }
  | LiveSnippetRewrite
  /** Ends the script. */
  | { readonly stop: true };

/** If `rewrite` matches the path, the whole path is replaced. */
export interface LiveSnippetRewrite {
  /** Regular expression (PCRE), case-sensitive. */
  readonly rewrite: string;
  /** The new path; for a redirect, a URL up to its query. */
  readonly to: LiveText;
  readonly query?: LiveText;
  /** Whether the arguments of the request are appended. */
  readonly keepsArguments?: true;
  /**
   * Status of a redirect. Without it, the request is not redirected but continues with the new path, and the script
   * ends.
   */
  readonly code?: 301 | 302;
}

/**
 * A test of the text `of`. `filled`: it is neither empty nor `0`. `prefix`: it begins with `value`. `match`: the PCRE
 * `pattern` matches; `imatch`: it matches case-insensitively. `refused`: it is an address, in NGINX's binary form, that
 * `sources` do not allow.
 */
export interface LiveTest {
  readonly of: LiveText;
  readonly is: 'filled' | 'equal' | 'prefix' | 'match' | 'imatch' | 'refused';
  readonly not?: true;
  readonly value?: LiveText;
  readonly pattern?: string;
  readonly sources?: LiveSources;
}

/**
 * A change to the response headers. `add` keeps headers of the same name. `set` replaces them, or removes them if there
 * is no text. `clear` removes headers, and its name may end in `*`.
 */
export interface LiveHeader {
  readonly op: 'add' | 'set' | 'clear';
  readonly name: string;
  readonly text?: LiveText;
  /** The value is the date this many seconds from now, instead of a string. */
  readonly after?: number;
  /** If present, only responses with these statuses are changed. */
  readonly statuses?: readonly number[];
}
