/**
 * Which of the administrator's own directives guard access, and what replaces an unusable text with such directives if
 * NGINX has no earlier text of the key: nobody is let in.
 */
import type { ConfNode } from '../../types/tokenizer.ts';
import { didYouMean } from '../contract/did-you-mean.ts';

/** Names of directives; BEGINNINGS covers others by their beginning. */
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
 * Whether one of the directives, or of those in their blocks, may deny access; a misspelt name counts as the intended
 * one.
 */
export function guardsAccess(nodes: readonly ConfNode[]): boolean {
  return nodes.some(({ words: [name = '', first = ''], children = [] }) => {
    if (GUARDS.some((guard) => guard === name) || BEGINNINGS.test(name)) return true;
    if (name === 'return') return REFUSES.test(first);
    // Conditions depend on the variables of a map or geo.
    if (name === 'map' || name === 'geo') return true;
    if (guardsAccess(children)) return true;
    return !BLOCKS.has(name) && didYouMean(name, GUARDS) !== '';
  });
}

/** Whether a text that nginx cannot read may deny access. */
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

/** nginx accepts it at the http level, where requests cannot be answered: planSnippets closes the servers for it. */
const CLOSED_HTTP = 'geo $tidegate_closed { default 1; }';

/** A text that closes everything that the snippet may have guarded; undefined if it guards no request. */
export function closedText(name: string): string | undefined {
  if (name === 'http-snippet') return CLOSED_HTTP;
  return name === 'server-snippet' || name === 'location-snippet' ? 'return 503;' : undefined;
}

/** Whether a text is that of `closedText`, also as read back from nginx.conf. */
export function isClosed(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return name === 'http-snippet' ? text.startsWith('geo $tidegate_closed ') : text === closedText(name);
}
