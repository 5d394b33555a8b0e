/** Lists that browsers are told about cross-origin requests. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, unique } from './list.ts';

/** Host of an origin, one label of it free; browsers send neither a path nor a port that is the scheme's own. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*(:[1-9]\d{0,4})?$/;

/** The decoder of nginx/lua/tidegate/shapes/cors.lua takes as many. */
const MOST_ORIGINS = 10_000;

function isOrigin(text: string): boolean {
  return text === 'null' || ORIGIN.test(text);
}

/** `all`, or origins in lower case, at least one. */
export const corsOrigins: Parser<'all' | readonly string[]> = listOf({
  accepts: 'origins with their schemes, separated by commas; *. in front of a host stands for one label; or *',
  item: (text) => {
    const origin = text.toLowerCase();
    return origin === '*' || isOrigin(origin) ? accept(origin) : reject('is not an origin');
  },
  most: [MOST_ORIGINS, 'origins'],
  value: (found: readonly string[]) => (found.includes('*') ? 'all' : unique(found)),
});

function list(noun: string, item: RegExp): Parser<string> {
  return listOf({
    accepts: `${noun}, separated by commas`,
    item: itemThat((text) => item.test(text), `is not one of ${noun}`),
    value: (items) => items.join(', '),
  });
}

export const corsMethods = list('methods', /^[A-Za-z]+$/);
export const corsRequestHeaders = list('names of headers', /^[A-Za-z0-9_-]+$/);
export const corsResponseHeaders = list('names of headers, or *', /^(\*|[A-Za-z0-9_-]+)$/);
