import { accept, type Parser, reject } from '../parser.ts';

/** A format is one line; nginx says itself when it does not know a variable. */
export const logFormat: Parser<string> = {
  accepts: 'one line of text with variables of nginx',
  parse: (raw) => (/[\u0000-\u001f\u007f]/.test(raw) ? reject('holds a line break or control character') : accept(raw)),
};
