/**
 * What of the administrator's own directives guards access, and what stands in the place of a text that does and cannot be
 * used, where NGINX has no text that served before: nobody is let in.
 */
import type { ConfNode } from '../../types/tokenizer.ts';
import { didYouMean } from '../contract/did-you-mean.ts';

/** Names of directives, or what they begin with. */
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
/** What `return` answers where it refuses. */
const REFUSES = /^(?:4\d\d|5\d\d)$/;
const BLOCKS = new Set(['if', 'location', 'map', 'geo', 'split_clients', 'limit_except']);

/** Whether one of the directives, or of those in their blocks, may keep somebody out; a misspelt name counts as the one meant. */
export function guardsAccess(nodes: readonly ConfNode[]): boolean {
  return nodes.some(({ words: [name = '', first = ''], children = [] }) => {
    if (GUARDS.some((guard) => guard === name) || BEGINNINGS.test(name)) return true;
    if (name === 'return') return REFUSES.test(first);
    // What a map or geo makes is what conditions ask for.
    if (name === 'map' || name === 'geo') return true;
    if (guardsAccess(children)) return true;
    return !BLOCKS.has(name) && didYouMean(name, GUARDS) !== '';
  });
}

/** The same for a text that nginx cannot read. */
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

/** nginx takes it at the http level, where nothing can be answered: planSnippets closes the servers for it. */
const CLOSED_HTTP = 'geo $tidegate_closed { default 1; }';

/** What closes all that the snippet may have guarded; undefined where it guards no request. */
export function closedText(name: string): string | undefined {
  if (name === 'http-snippet') return CLOSED_HTTP;
  return name === 'server-snippet' || name === 'location-snippet' ? 'return 503;' : undefined;
}

/** Whether a text is that of `closedText`, also as it is found again in nginx.conf. */
export function isClosed(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return name === 'http-snippet' ? text.startsWith('geo $tidegate_closed ') : text === closedText(name);
}
