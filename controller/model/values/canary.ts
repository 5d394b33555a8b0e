/** Parsers for what selects the requests of a canary. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';

const NAME = /^[A-Za-z0-9._~-]{1,256}$/;
const COOKIE = /^[A-Za-z0-9._~:/-]{1,256}$/;
const VALUE = /^[A-Za-z0-9._~:/ -]{1,256}$/;
const PATTERN = /^[A-Za-z0-9._~:/^$()[\]{}*+?|&=\\-]+$/;

/** A whole number; values above `most` count as `most`, which is all requests. */
export function weightUpTo(most: number): Parser<number> {
  return {
    accepts: 'a whole number from 0 on',
    parse: (raw) => {
      if (!/^[+-]?\d+$/.test(raw)) return reject('is not a whole number');
      const value = Number(raw);
      return value < 0 ? reject('is below 0') : accept(Math.min(value, most));
    },
  };
}

/** The name of a request header. */
export const headerName: Parser<string> = {
  accepts: 'the name of a header: letters, digits and . _ ~ -, at most 256',
  parse: (raw) => (NAME.test(raw) ? accept(raw) : reject('is not the name of a header')),
};

/** The name of a cookie. */
export const cookieName: Parser<string> = {
  accepts: 'the name of a cookie: letters, digits and . _ ~ : / -, at most 256',
  parse: (raw) => (COOKIE.test(raw) ? accept(raw) : reject('is not the name of a cookie')),
};

/** The whole value of a request header. */
export const headerValue: Parser<string> = {
  accepts: 'letters, digits, spaces and . _ ~ : / -, at most 256',
  parse: (raw) => (VALUE.test(raw) ? accept(raw) : reject('contains a character that is not allowed')),
};

/** A regular expression for the value of a request header, whose backtracking is bounded. */
export const headerPattern: Parser<string> = {
  accepts: 'a regular expression without spaces, commas and quotes',
  parse: (raw) => {
    if (!PATTERN.test(raw)) return reject('contains a character that is not allowed');
    const checked = checkSearch(raw);
    return checked.ok ? accept(checked.pattern) : reject(checked.reason);
  },
};
