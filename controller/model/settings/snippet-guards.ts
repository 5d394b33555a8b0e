/**
 * Finds out whether directives in the administrator's snippets guard access. If a snippet with such directives is
 * unusable and no earlier text of the key is known, it is replaced by directives that answer 503.
 */
import type { ConfNode } from '../../types/tokenizer.ts';
import { didYouMean } from '../contract/did-you-mean.ts';

/** Directives that may deny access; BEGINNINGS matches the beginnings of others. */
const GUARDS = [
  'allow',
  'deny',
  'satisfy',
  'auth_basic',
  'auth_basic_user_file',
  'auth_request',
  'auth_jwt',
  'internal',
  'valid_referers',
  'secure_link',
  'limit_req',
  'limit_conn',
  'limit_except',
  'ssl_verify_client',
  'ssl_client_certificate',
  'modsecurity',
  'modsecurity_rules',
  'include',
] as const;
const BEGINNINGS = /^(?:auth_|modsecurity|secure_link|limit_(?:req|conn)$)|_by_lua/;
/** Statuses with which `return` refuses a request. */
const REFUSES = /^(?:4\d\d|5\d\d)$/;
const BLOCKS = new Set(['if', 'location', 'map', 'geo', 'split_clients', 'limit_except']);

/**
 * Whether one of these directives, or a directive inside their blocks, may deny access. A misspelt name counts as the
 * intended name.
 */
export function guardsAccess(nodes: readonly ConfNode[]): boolean {
  return nodes.some(({ words: [name = '', first = ''], children = [] }) => {
    if (GUARDS.some((guard) => guard === name) || BEGINNINGS.test(name)) return true;
    if (name === 'return') return REFUSES.test(first);
    // A variable that a map or geo defines may be the condition of a guard elsewhere.
    if (name === 'map' || name === 'geo') return true;
    if (guardsAccess(children)) return true;
    return !BLOCKS.has(name) && didYouMean(name, GUARDS) !== '';
  });
}

/** Whether a string that cannot be parsed as nginx directives may have been meant to deny access. */
export function mayGuard(text: string): boolean {
  const words = text.split(/[^A-Za-z0-9_]+/);
  return words.some(
    (word, at) =>
      GUARDS.some((guard) => guard === word) ||
      BEGINNINGS.test(word) ||
      (word === 'return' && REFUSES.test(words[at + 1] ?? '')) ||
      word === 'map' ||
      word === 'geo',
  );
}

/**
 * Replaces an http-snippet that may guard access. At the http level, no directive can answer requests, so this is only
 * a mark: if it is present, `planSnippets` makes all servers answer 503.
 */
const CLOSED_HTTP = 'geo $tidegate_closed { default 1; }';

/** A string that makes all requests that the snippet may have guarded get 503; undefined for a main-snippet. */
export function closedText(name: string): string | undefined {
  if (name === 'http-snippet') return CLOSED_HTTP;
  return name === 'server-snippet' || name === 'location-snippet' ? 'return 503;' : undefined;
}

/**
 * Whether a string is that of `closedText`, possibly formatted differently, as when it was read back from nginx.conf.
 */
export function isClosed(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return name === 'http-snippet' ? text.startsWith('geo $tidegate_closed ') : text === closedText(name);
}
