/** Lists that browsers are told about cross-origin requests. */
import { accept, type Parser, reject } from '../parser.ts';

/** Host of an origin, one label of it free; browsers send neither a path nor a port that is the scheme's own. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*(:[1-9]\d{0,4})?$/;

/** The decoder of nginx/lua/tidegate/shapes/cors.lua takes as many. */
const MOST_ORIGINS = 10_000;

function isOrigin(text: string): boolean {
  return text === 'null' || ORIGIN.test(text);
}

/** `all`, or origins in lower case, at least one; those that are none are dropped. */
export const corsOrigins: Parser<'all' | readonly string[]> = {
  accepts: 'origins with their schemes, separated by commas; *. in front of a host stands for one label; or *',
  parse: (raw) => {
    const items = raw.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim().toLowerCase()]));
    if (items.includes('*')) return accept('all');
    const good = items.filter(isOrigin);
    if (good.length === 0) return reject('names no origin');
    const bad = items.filter((item) => !isOrigin(item));
    if (good.length > MOST_ORIGINS) return reject(`names ${good.length} origins, more than ${MOST_ORIGINS}`);
    return accept(
      [...new Set(good)],
      bad.length === 0 ? undefined : `holds what is no origin: ${bad.join(', ')}; the others hold`,
    );
  },
};

function list(noun: string, item: RegExp): Parser<string> {
  return {
    accepts: `${noun}, separated by commas`,
    parse: (raw) => {
      const items = raw.split(',').map((each) => each.trim());
      if (items.at(-1) === '') items.pop();
      const good = items.length > 0 && items.every((each) => item.test(each));
      return good ? accept(items.join(', ')) : reject(`does not hold ${noun}`);
    },
  };
}

export const corsMethods = list('methods', /^[A-Za-z]+$/);
export const corsRequestHeaders = list('names of headers', /^[A-Za-z0-9_-]+$/);
export const corsResponseHeaders = list('names of headers, or *', /^(\*|[A-Za-z0-9_-]+)$/);
