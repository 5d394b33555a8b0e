/** Texts of the administrator that are kept as they are. */
import { accept, type Parser, reject } from '../contract/parser.ts';

/** One line, at most `longest` characters. */
export function lineOfText(longest: number): Parser<string> {
  return {
    accepts: `one line of text, at most ${longest} characters`,
    parse: (raw) => {
      if (/[\u0000-\u001f\u007f]/.test(raw)) return reject('holds a control character');
      return raw.length <= longest ? accept(raw) : reject(`is longer than ${longest} characters`);
    },
  };
}

/** Lines, without other control characters than tabulators. */
export const linesOfText: Parser<string> = {
  accepts: 'text',
  parse: (raw) => {
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(raw.replaceAll('\r\n', '\n'))
      ? reject('holds a control character')
      : accept(raw);
  },
};
