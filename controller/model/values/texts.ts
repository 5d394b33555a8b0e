/** Parsers for strings of the administrator that are not interpreted. */
import { accept, type Parser, reject } from '../contract/parser.ts';

/** One line of at most `longest` characters. */
export function lineOfText(longest: number): Parser<string> {
  return {
    accepts: `one line of text, at most ${longest} characters`,
    parse: (raw) => {
      if (/[\u0000-\u001f\u007f]/.test(raw)) return reject('contains a control character');
      return raw.length <= longest ? accept(raw) : reject(`is longer than ${longest} characters`);
    },
  };
}

/** Several lines; apart from line ends and tabs, control characters are not allowed. */
export const linesOfText: Parser<string> = {
  accepts: 'text',
  parse: (raw) => {
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(raw.replaceAll('\r\n', '\n'))
      ? reject('contains a control character')
      : accept(raw);
  },
};
