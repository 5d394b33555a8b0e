/** Parsers for the annotations that determine which requests a canary gets. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';

const NAME = /^[A-Za-z0-9._~-]{1,256}$/;
const COOKIE = /^[A-Za-z0-9._~:/-]{1,256}$/;
const VALUE = /^[A-Za-z0-9._~:/ -]{1,256}$/;
const PATTERN = /^[A-Za-z0-9._~:/^$()[\]{}*+?|&=\\-]+$/;

/** The weight of a canary, a whole number. Values above `most` count as `most`, which means all requests. */
export function weightUpTo(most: number): Parser<number> {
  return {
    accepts: 'a whole number, at least 0',
    parse: (raw) => {
      if (!/^[+-]?\d+$/.test(raw)) return reject('is not a whole number');
      const value = Number(raw);
      return value < 0 ? reject('is below 0') : accept(Math.min(value, most));
    },
  };
}

/** The name of the request header that selects a canary. */
export const canaryHeaderName: Parser<string> = {
  accepts: 'the name of a header: letters, digits and - . _ ~, at most 256 characters',
  parse: (raw) => (NAME.test(raw) ? accept(raw) : reject('is not the name of a header')),
};

/** The name of the cookie that selects a canary. */
export const cookieName: Parser<string> = {
  accepts: 'the name of a cookie: letters, digits and - . _ ~ : /, at most 256 characters',
  parse: (raw) => (COOKIE.test(raw) ? accept(raw) : reject('is not the name of a cookie')),
};

/** The value that the request header must equal. */
export const headerValue: Parser<string> = {
  accepts: 'letters, digits, spaces and - . _ ~ : /, at most 256 characters',
  parse: (raw) => (VALUE.test(raw) ? accept(raw) : reject('contains a character that is not allowed')),
};

/** A regular expression with bounded backtracking that must match the value of the request header. */
export const headerPattern: Parser<string> = {
  accepts: 'a regular expression without spaces, commas and quotes',
  parse: (raw) => {
    if (!PATTERN.test(raw)) return reject('contains a character that is not allowed');
    const checked = checkSearch(raw);
    return checked.ok ? accept(checked.pattern) : reject(checked.reason);
  },
};
