/** Texts of the administrator that are used unchanged. */
import { accept, type Parser, reject } from '../contract/parser.ts';

/** One line, at most `longest` characters. */
export function lineOfText(longest: number): Parser<string> {
  return {
    accepts: `one line of text, at most ${longest} characters`,
    parse: (raw) => {
      if (/[\u0000-\u001f\u007f]/.test(raw)) return reject('contains a control character');
      return raw.length <= longest ? accept(raw) : reject(`is longer than ${longest} characters`);
    },
  };
}

/** Lines, without control characters other than tabs. */
export const linesOfText: Parser<string> = {
  accepts: 'text',
  parse: (raw) => {
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(raw.replaceAll('\r\n', '\n'))
      ? reject('contains a control character')
      : accept(raw);
  },
};
