/** Applies the rewrite of a route: see nginx/lua/tidegate/request/rewrite.lua and shapes/rewrite.lua. */
import type { LiveRewrite } from '../types/live.ts';
import { percentEncode, toBytes } from './bytes.ts';
import { matchPcre, type PcreMatch } from './pcre.ts';
import type { SeenRequest } from './request.ts';

type Pieces = readonly (string | number)[];

interface RewriteTarget {
  /** Scheme and host of a redirect. */
  readonly origin: string | undefined;
  readonly path: Pieces;
  readonly query: Pieces | undefined;
  readonly keepsArguments: boolean;
}

const NOT_IN_QUERY = /[\0-\x20"#%&+?\x7f-\xff]/g;
const NOT_IN_PATH = /[\0-\x20"#%<>?\\\x7f-\xff]/g;
const NOT_IN_ARGUMENTS = /[\0-\x20"#<>\\\x7f-\xff]/g;

function splitOrigin(target: Pieces): { readonly origin: string | undefined; readonly rest: Pieces } {
  const [first, ...others] = target;
  const found = typeof first === 'string' ? /^https?:\/\/[A-Za-z0-9][\w.-]*(?::\d+)?/.exec(first)?.[0] : undefined;
  if (found === undefined || typeof first !== 'string') return { origin: undefined, rest: target };
  return { origin: found, rest: [first.slice(found.length), ...others] };
}

function splitQuery(pieces: Pieces): { readonly path: Pieces; readonly query: Pieces | undefined } {
  const at = pieces.findIndex((piece) => typeof piece === 'string' && piece.includes('?'));
  const piece = pieces[at];
  if (typeof piece !== 'string') return { path: pieces, query: undefined };
  const mark = piece.indexOf('?');
  return {
    path: [...pieces.slice(0, at), piece.slice(0, mark)],
    query: [piece.slice(mark + 1), ...pieces.slice(at + 1)],
  };
}

function decode({ target }: LiveRewrite): RewriteTarget {
  const { origin, rest } = splitOrigin(target);
  const { path, query } = splitQuery(rest);
  if (query === undefined) return { origin, path, query, keepsArguments: true };
  const last = query.at(-1);
  const lone = query.length === 1 && last === '';
  const drops = typeof last === 'string' && last.endsWith('?');
  const kept = drops && !lone ? [...query.slice(0, -1), last.slice(0, -1)] : query;
  return { origin, path, query: kept, keepsArguments: !lone && !drops };
}

function expand(pieces: Pieces, captures: PcreMatch, escape: RegExp | undefined): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return toBytes(piece);
      const text = captures[piece] ?? '';
      return escape === undefined ? text : percentEncode(text, escape);
    })
    .join('');
}

function pathOf({ path }: RewriteTarget, captures: PcreMatch, escape: RegExp | undefined): string {
  const text = expand(path, captures, escape);
  return text.startsWith('/') ? text : `/${text}`;
}

function capture({ pattern }: LiveRewrite, path: string): PcreMatch | null {
  // Lua anchors the pattern at the start of the path.
  return matchPcre(anchored(toBytes(pattern)), path, { caseless: true, dotAll: true });
}

/**
 * Anchors a pattern at the start of the path, with all of its alternatives. A limit on its steps stays at the
 * beginning.
 */
function anchored(pattern: string): string {
  const [limit = ''] = /^(?:\(\*[A-Z_]+(?:=\d+)?\))*/.exec(pattern) ?? [];
  return `${limit}\\A(?:${pattern.slice(limit.length)})`;
}

/** Whether the target is a URL, to which the request is redirected. */
export function leadsAway(rewrite: LiveRewrite): boolean {
  return decode(rewrite).origin !== undefined;
}

/** The Location of a redirect by a rewrite; undefined if the pattern does not match. */
export function rewriteLocation(rewrite: LiveRewrite, { path, args }: SeenRequest): string | undefined {
  const target = decode(rewrite);
  const captures = capture(rewrite, path);
  if (captures === null || target.origin === undefined) return undefined;
  const query = target.query === undefined ? '' : `?${expand(target.query, captures, NOT_IN_QUERY)}`;
  const own = target.keepsArguments ? args : undefined;
  const rest = own === undefined ? '' : `${query === '' ? '?' : '&'}${percentEncode(own, NOT_IN_ARGUMENTS)}`;
  return `${target.origin}${pathOf(target, captures, NOT_IN_PATH)}${query}${rest}`;
}

/** Whether a composed path contains segments that a backend may treat as `.` or `..` (values/dot_segments.lua). */
export function hasDotSegments(path: string): boolean {
  return /[/\\]\.\.?[/\\;]/.test(path) || /[/\\]\.\.?$/.test(path);
}

/**
 * Returns the request with the rewritten path; 400 if the new path has dot segments; the request itself if the pattern
 * does not match.
 */
export function rewritten(rewrite: LiveRewrite, request: SeenRequest): SeenRequest | 400 {
  const target = decode(rewrite);
  const captures = capture(rewrite, request.path);
  if (captures === null || target.origin !== undefined) return request;
  const path = pathOf(target, captures, undefined);
  if (hasDotSegments(path)) return 400;
  const own = target.keepsArguments ? request.args : undefined;
  if (target.query === undefined) return { ...request, path, args: own, rewritten: true };
  const query = expand(target.query, captures, NOT_IN_QUERY);
  return { ...request, path, args: own === undefined ? query : `${query}&${own}`, rewritten: true };
}
