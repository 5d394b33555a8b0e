import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf } from './list.ts';
import { MOST_PIECES, tooManyPieces } from './pieces.ts';
import { refusedForClients } from './client-host.ts';
import { HAS_USER } from './redirect-target.ts';

/** Characters that ingress-nginx accepts in rewrite-target and app-root. */
const PATH = /^\/?[A-Za-z0-9._~:/$-]*$/;

/** A path with captures `$1` to `$9` → a list of literal strings and numbers of captures, in their order. */
export const pathWithCaptures: Parser<readonly (string | number)[]> = {
  accepts: 'a path of letters, digits and - . _ ~ : /, optionally with captures $1 to $9, without a query string',
  parse: (raw) => {
    if (!PATH.test(raw)) return reject('contains a character that is not allowed in a rewrite target');
    const pieces: (string | number)[] = [];
    for (const part of raw.split(/(\$[1-9])/)) {
      if (part === '') continue;
      if (/^\$[1-9]$/.test(part)) pieces.push(Number(part[1]));
      else if (part.includes('$')) return reject('contains a $ that does not belong to a capture');
      else pieces.push(part);
    }
    return pieces.length > MOST_PIECES ? reject(tooManyPieces(pieces.length)) : accept(pieces);
  },
};

/**
 * A path with captures, or a URL with such a path, to which clients are redirected. The host of the URL cannot contain
 * captures, so that it does not depend on the request.
 */
export const rewriteTarget: Parser<readonly (string | number)[]> = {
  accepts: `${pathWithCaptures.accepts}; or a URL with http:// or https://, a host and such a path`,
  parse: (raw) => {
    const [origin = '', authority, capture] = /^https?:\/\/([^/$]*)(\$?)/.exec(raw) ?? [];
    if (authority === undefined) return pathWithCaptures.parse(raw);
    if (authority.includes('@')) return reject(HAS_USER);
    if (capture !== '' && /^$|\.$/.test(authority)) return reject('has a capture in its host');
    const refused = refusedForClients(authority);
    if (refused !== undefined) return reject(refused);
    // Brackets are accepted only around the address.
    const start = origin.slice(0, origin.length - (capture?.length ?? 0));
    const rest = pathWithCaptures.parse(raw.slice(start.length));
    if (!rest.ok) return rest;
    const [first = '', ...others] = rest.value;
    return accept(typeof first === 'string' ? [start + first, ...others] : [start, ...rest.value]);
  },
};

/** A path that begins with one slash, without query and variables. */
export const absolutePath: Parser<string> = {
  accepts: 'a path that begins with / and consists of letters, digits and - . _ ~ : /',
  parse: (raw): Parsed<string> => {
    if (!PATH.test(raw) || raw.includes('$')) return reject('contains a character that is not allowed in this path');
    if (!raw.startsWith('/')) return reject('does not begin with /');
    // "//host" would send the browser to another site.
    return raw.startsWith('//') ? reject('begins with //, which is another host') : accept(raw);
  },
};

/** Comma-separated path prefixes. */
export const pathPrefixes: Parser<readonly string[]> = listOf({
  accepts: 'comma-separated path prefixes',
  item: itemThat((text) => text.startsWith('/'), 'does not begin with /'),
  value: (items) => items,
});
