/** Parsers for the lists in CORS annotations. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, unique } from './list.ts';

/**
 * An origin, whose host may begin with `*.` for any one label. There is no path, because browsers do not send one in
 * the Origin header.
 */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*(:[1-9]\d{0,4})?$/;

/** Maximum number of origins; nginx/lua/tidegate/shapes/cors.lua has the same limit. */
const MOST_ORIGINS = 10_000;

function isOrigin(text: string): boolean {
  return text === 'null' || ORIGIN.test(text);
}

/** Origins in lower case, at least one, or `all` if `*` is among them. */
export const corsOrigins: Parser<'all' | readonly string[]> = listOf({
  accepts: '*, or comma-separated origins with their schemes, in which *. in front of a host stands for one label',
  item: (text) => {
    const origin = text.toLowerCase();
    return origin === '*' || isOrigin(origin) ? accept(origin) : reject('is not an origin');
  },
  most: [MOST_ORIGINS, 'origins'],
  value: (found: readonly string[]) => (found.includes('*') ? 'all' : unique(found)),
});

function list(noun: string, item: RegExp): Parser<string> {
  return listOf({
    accepts: `comma-separated ${noun}`,
    item: itemThat((text) => item.test(text), `is not one of ${noun}`),
    value: (items) => items.join(', '),
  });
}

export const corsMethods = list('methods', /^[A-Za-z]+$/);
export const corsRequestHeaders = list('names of headers', /^[A-Za-z0-9_-]+$/);
export const corsResponseHeaders = list('names of headers, or *', /^(\*|[A-Za-z0-9_-]+)$/);
