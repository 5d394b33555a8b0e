import type { SameSite } from '../../types/live.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';

function text(pattern: RegExp, accepts: string): Parser<string> {
  return {
    accepts,
    parse: (raw) => (pattern.test(raw) ? accept(raw) : reject('contains a character that is not allowed')),
  };
}

/** Attributes of affinity cookies; the same characters are accepted as in ingress-nginx. */
export const sessionCookieName = text(/^[A-Za-z0-9._~:/-]+$/, 'letters, digits and - . _ ~ : /');

export const sessionCookiePath = text(/^[A-Za-z0-9._~:/,?&=-]+$/, 'letters, digits and - . _ ~ : / , ? & =');

export const sessionCookieDomain = text(/^[A-Za-z0-9._~:/-]+$/, 'letters, digits and - . _ ~ : /');

const SAME_SITES: ReadonlyMap<string, SameSite> = new Map(
  (['None', 'Lax', 'Strict'] as const).map((value) => [value.toLowerCase(), value]),
);

/** A value of SameSite in upper or lower case; it is sent to browsers in the canonical spelling. */
export const sameSite: Parser<SameSite> = {
  accepts: 'one of None, Lax, Strict',
  parse: (raw) => {
    const value = SAME_SITES.get(raw.toLowerCase());
    return value === undefined ? reject('is not one of None, Lax, Strict') : accept(value);
  },
};
